import type { Dictionary } from "@millrun/api";

export interface AccountWords {
  signIn: string;
  signOut: string;
  email: string;
  password: string;
  refused: string;
  groups: (names: readonly string[]) => string;
}

export const WORDS: Dictionary<AccountWords> = {
  en: {
    signIn: "Sign in",
    signOut: "Sign out",
    email: "E-mail",
    password: "Password",
    refused: "E-mail or password is wrong, or the account is not confirmed.",
    groups: (names) =>
      names.length > 0 ? `Groups: ${names.join(", ")}` : "This account is in no group of the shop's staff.",
  },
  "zh-TW": {
    signIn: "登入",
    signOut: "登出",
    email: "電子郵件",
    password: "密碼",
    refused: "電子郵件或密碼錯誤，或帳號尚未驗證。",
    groups: (names) => (names.length > 0 ? `群組：${names.join("、")}` : "此帳號不屬於任何員工群組。"),
  },
};
