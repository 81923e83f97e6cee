import { useLanguage, useShop, useSigned } from "@millrun/api";
import { ConfigProvider, theme } from "antd";
import en from "antd/locale/en_US";
import zhTW from "antd/locale/zh_TW";
import { Account } from "./account/Account";
import { SignIn } from "./account/SignIn";

const ACCENT = "#B4532A";

export function App() {
  const { config } = useShop();
  const { language } = useLanguage();
  const signed = useSigned();
  return (
    <ConfigProvider
      locale={language === "en" ? en : zhTW}
      theme={{
        // Styles come from antd.css: the page's Content-Security-Policy takes no style that a script writes.
        zeroRuntime: true,
        algorithm: matchMedia("(prefers-color-scheme: dark)").matches ? theme.darkAlgorithm : theme.defaultAlgorithm,
        token: { colorPrimary: ACCENT, borderRadius: 6 },
      }}
    >
      <title>{config.shopName}</title>
      {signed === null && <SignIn />}
      {signed && <Account person={signed} />}
    </ConfigProvider>
  );
}
