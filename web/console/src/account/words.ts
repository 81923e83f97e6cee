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
    go: "繼續",
    forgot: "忘記密碼？",
    send: "寄送驗證碼",
    back: "返回登入",
    refused: "電子郵件或密碼錯誤，或帳號尚未驗證。請確認後再試一次。",
    codeRefused: "驗證未通過，請確認後再試一次。",
  },
};
