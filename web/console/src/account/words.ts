import type { Dictionary } from "@millrun/api";

export interface AccountWords {
  title: string;
  subtitle: (shop: string) => string;
  signIn: string;
  email: string;
  password: string;
  show: string;
  hide: string;
  missing: string;
  newPassword: string;
  newPasswordHelp: string;
  choose: string;
  code: string;
  codeSent: (email: string) => string;
  totp: string;
  totpSetup: string;
  openApp: string;
  twoFactor: {
    open: string;
    title: string;
    isOff: string;
    isOn: string;
    begin: string;
    beginAgain: string;
    scan: string;
    qrCode: string;
    code: string;
    confirm: string;
    refused: string;
    failed: string;
    done: string;
  };
  go: string;
  forgot: string;
  send: string;
  back: string;
  refused: string;
  codeRefused: string;
}

export const WORDS: Dictionary<AccountWords> = {
  en: {
    title: "Sign in",
    subtitle: (shop) => `The console of ${shop}, for its staff`,
    signIn: "Sign in",
    email: "E-mail",
    password: "Password",
    show: "Show the password",
    hide: "Hide the password",
    missing: "This field is required.",
    newPassword: "New password",
    newPasswordHelp: "At least 12 characters, with lower and upper case letters, a digit and a symbol.",
    choose: "Choose your own password to continue.",
    code: "Code",
    codeSent: (email) => `A code is on its way to ${email}, if there is an account.`,
    totp: "Enter the code from your authenticator app.",
    totpSetup:
      "This shop requires an authenticator app. Enter this key into the app, then enter the code that it shows.",
    openApp: "Open the app with this key",
    twoFactor: {
      open: "Authenticator app",
      title: "Authenticator app",
      isOff:
        "The sign-in asks only for your password. With an authenticator app on your phone, a stolen password is not enough.",
      isOn: "The sign-in asks for a code from your authenticator app. If you have a new phone, set the app up again: codes from the old one then stop working.",
      begin: "Set up an app",
      beginAgain: "Set up another app",
      scan: "Scan this with the app, or enter the key. Then enter the code that the app shows.",
      qrCode: "The key as a QR code",
      code: "Code from the app",
      confirm: "Turn on",
      refused: "This code was not accepted. Wait for the next one, then try again.",
      failed: "The authenticator app could not be set up. Close this, then try again.",
      done: "The sign-in now asks for a code from the app.",
    },
    go: "Continue",
    forgot: "Forgot your password?",
    send: "Send me a code",
    back: "Back to signing in",
    refused: "E-mail or password is wrong, or the account is not confirmed. Check both, then try again.",
    codeRefused: "The code or password was not accepted. Check it, then try again.",
  },
  "zh-TW": {
    title: "登入",
    subtitle: (shop) => `${shop} 管理後台`,
    signIn: "登入",
    email: "電子郵件",
    password: "密碼",
    show: "顯示密碼",
    hide: "隱藏密碼",
    missing: "請填寫此欄位。",
    newPassword: "新密碼",
    newPasswordHelp: "至少 12 個字元，須包含大小寫字母、數字與符號。",
    choose: "請先設定自己的密碼。",
    code: "驗證碼",
    codeSent: (email) => `若帳號存在，驗證碼已寄至 ${email}。`,
    totp: "請輸入驗證器顯示的驗證碼。",
    totpSetup: "此商店要求使用驗證器 App。請在 App 中輸入這組金鑰，再輸入顯示的驗證碼。",
    openApp: "以此金鑰開啟 App",
    twoFactor: {
      open: "驗證器 App",
      title: "驗證器 App",
      isOff: "目前登入只需密碼。在手機上設定驗證器 App 後，密碼外洩也無法登入。",
      isOn: "登入時會要求驗證器 App 的驗證碼。若更換手機，請重新設定；舊手機的驗證碼將失效。",
      begin: "設定 App",
      beginAgain: "重新設定 App",
      scan: "以 App 掃描，或輸入這組金鑰，再輸入 App 顯示的驗證碼。",
      qrCode: "金鑰的 QR Code",
      code: "App 的驗證碼",
      confirm: "開始要求驗證碼",
      refused: "驗證碼未通過。請等 App 顯示下一組後再試一次。",
      failed: "無法設定驗證器，請關閉後再試一次。",
      done: "之後登入時會要求 App 的驗證碼。",
    },
    go: "繼續",
    forgot: "忘記密碼？",
    send: "寄送驗證碼",
    back: "返回登入",
    refused: "電子郵件或密碼錯誤，或帳號尚未驗證。請確認後再試一次。",
    codeRefused: "驗證未通過，請確認後再試一次。",
  },
};
