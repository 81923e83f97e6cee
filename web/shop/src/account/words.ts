import type { Dictionary } from "@millrun/api";

export interface AccountWords {
  signIn: string;
  signInLead: string;
  signUp: string;
  signUpLead: string;
  email: string;
  password: string;
  newPassword: string;
  passwordHint: string;
  showPassword: string;
  code: string;
  codeHint: (email: string) => string;
  totp: string;
  confirm: string;
  resend: string;
  resent: string;
  forgot: string;
  forgotLead: string;
  sendCode: string;
  setPassword: string;
  noAccount: string;
  hasAccount: string;
  account: string;
  signedInAs: string;
  addresses: string;
  addressesText: string;
  noAddresses: string;
  addressesFull: (most: number) => string;
  addAddress: string;
  changeAddress: string;
  changeTitle: string;
  saveAddress: string;
  removeAddress: string;
  removeTitle: string;
  removeText: string;
  removeConfirm: string;
  back: string;
  language: string;
  languageText: string;
  languageSaved: string;
  signOut: string;
  signOutTitle: string;
  signOutText: string;
  changed: string;
  missing: string;
  weak: string;
  refusals: Record<string, string>;
  failed: string;
}

export const WORDS: Dictionary<AccountWords> = {
  en: {
    signIn: "Sign in",
    signInLead: "To order, to follow your orders, and to use coupons and points.",
    signUp: "Create an account",
    signUpLead: "An e-mail address and a password are all it takes.",
    email: "E-mail",
    password: "Password",
    newPassword: "New password",
    passwordHint: "At least 12 characters with upper and lower case, a number and a symbol",
    showPassword: "Show the password",
    code: "Code",
    codeHint: (email) => `It was sent to ${email}.`,
    totp: "Code of your authenticator",
    confirm: "Confirm",
    resend: "Send the code again",
    resent: "A new code was sent.",
    forgot: "Forgot your password?",
    forgotLead: "Enter your e-mail address. You get a code to set a new password.",
    sendCode: "Send the code",
    setPassword: "Set the new password",
    noAccount: "New here? Create an account",
    hasAccount: "You have an account? Sign in",
    account: "Account",
    signedInAs: "Signed in as",
    addresses: "Addresses",
    addressesText: "You can choose them at checkout. Orders that you have placed keep their address.",
    noAddresses: "You have no saved address. Save one here, or when you order.",
    addressesFull: (most) => `You have saved ${most} addresses, which is the maximum. Change or remove one.`,
    addAddress: "Add an address",
    changeAddress: "Change",
    changeTitle: "Change the address",
    saveAddress: "Save the address",
    removeAddress: "Remove",
    removeTitle: "Remove this address?",
    removeText: "Orders that you have placed keep it.",
    removeConfirm: "Remove the address",
    back: "Keep it",
    language: "Language",
    languageText: "The language is used on every device on which you have not chosen another one.",
    languageSaved: "The language is saved.",
    signOut: "Sign out",
    signOutTitle: "This session",
    signOutText: "Signing out ends the session in all tabs, and empties the cart of this browser.",
    changed: "Your password was changed. Sign in with the new one.",
    missing: "This field is required.",
    weak: "At least 12 characters with upper and lower case, a number and a symbol.",
    refusals: {
      NotAuthorizedException: "The e-mail address or the password is wrong.",
      UserNotFoundException: "The e-mail address or the password is wrong.",
      UsernameExistsException: "An account with this e-mail address exists. Sign in, or set a new password.",
      CodeMismatchException: "This code is wrong. Use the code in the latest e-mail.",
      ExpiredCodeException: "This code has expired. Request a new one.",
      LimitExceededException: "Too many tries. Wait 15 minutes, then try again.",
      TooManyRequestsException: "Too many tries. Wait a moment, then try again.",
      InvalidPasswordException: "At least 12 characters with upper and lower case, a number and a symbol.",
      InvalidParameterException: "A field of the form is not valid. Check your input.",
      NetworkError: "The sign-in service cannot be reached. Check your connection, then try again.",
    },
    failed: "This did not work. Try again in a moment.",
  },
  "zh-TW": {
    signIn: "登入",
    signInLead: "登入後即可下單、查看訂單，並使用優惠券與點數。",
    signUp: "建立帳號",
    signUpLead: "只需電子郵件與密碼。",
    email: "電子郵件",
    password: "密碼",
    newPassword: "新密碼",
    passwordHint: "至少 12 個字元，需含大小寫英文字母、數字與符號",
    showPassword: "顯示密碼",
    code: "驗證碼",
    codeHint: (email) => `驗證碼已寄至 ${email}。`,
    totp: "驗證器的驗證碼",
    confirm: "確認",
    resend: "重新寄送驗證碼",
    resent: "已寄出新的驗證碼。",
    forgot: "忘記密碼？",
    forgotLead: "請輸入您的電子郵件，我們會寄送驗證碼供您重設密碼。",
    sendCode: "寄送驗證碼",
    setPassword: "設定新密碼",
    noAccount: "還沒有帳號？建立帳號",
    hasAccount: "已有帳號？登入",
    account: "帳號",
    signedInAs: "登入帳號",
    addresses: "收件地址",
    addressesText: "結帳時可直接選用。已成立的訂單會保留原本的地址。",
    noAddresses: "您尚未儲存地址。可在此新增，或於下單時儲存。",
    addressesFull: (most) => `最多可儲存 ${most} 筆地址，請修改或刪除其中一筆。`,
    addAddress: "新增地址",
    changeAddress: "修改",
    changeTitle: "修改地址",
    saveAddress: "儲存地址",
    removeAddress: "刪除",
    removeTitle: "要刪除這筆地址嗎？",
    removeText: "已成立的訂單會保留此地址。",
    removeConfirm: "刪除地址",
    back: "維持原狀",
    language: "語言",
    languageText: "您在其他裝置登入且未另選語言時，會使用此語言。",
    languageSaved: "已儲存。",
    signOut: "登出",
    signOutTitle: "登入狀態",
    signOutText: "登出後，所有分頁都會結束登入，並清空此瀏覽器的購物車。",
    changed: "密碼已變更，請以新密碼登入。",
    missing: "請填寫此欄位。",
    weak: "至少 12 個字元，需含大小寫英文字母、數字與符號。",
    refusals: {
      NotAuthorizedException: "電子郵件或密碼錯誤。",
      UserNotFoundException: "電子郵件或密碼錯誤。",
      UsernameExistsException: "此電子郵件已有帳號，請登入或重設密碼。",
      CodeMismatchException: "驗證碼錯誤，請查看最新的郵件。",
      ExpiredCodeException: "驗證碼已過期，請重新寄送。",
      LimitExceededException: "嘗試次數過多，請於 15 分鐘後再試。",
      TooManyRequestsException: "嘗試次數過多，請稍候再試。",
      InvalidPasswordException: "至少 12 個字元，需含大小寫英文字母、數字與符號。",
      InvalidParameterException: "表單內容有誤，請再確認一次。",
      NetworkError: "無法連線到登入服務，請檢查網路後再試一次。",
    },
    failed: "操作未成功，請稍候再試一次。",
  },
};
