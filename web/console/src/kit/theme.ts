import { theme, type ThemeConfig } from "antd";

const FONT =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Noto Sans TC", "PingFang TC", "Microsoft JhengHei", sans-serif';

/** Colours of the charts and of our own styles, in addition to Ant's. */
export const COLOURS = {
  light: { accent: "#B4532A", good: "#2F6B4F", warn: "#8A5F00", bad: "#A8322B", muted: "#6B675E", line: "#E6E2D9" },
  dark: { accent: "#E08A5B", good: "#7DBE9B", warn: "#D9A441", bad: "#EE8C84", muted: "#A8A39A", line: "#33302B" },
} as const;

export function themeOf(dark: boolean): ThemeConfig {
  const colours = dark ? COLOURS.dark : COLOURS.light;
  return {
    cssVar: { key: "console-tokens" },
    algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
    token: {
      colorPrimary: colours.accent,
      colorLink: dark ? "#E9A27B" : "#9A4421",
      colorLinkHover: dark ? "#F3BC9C" : "#B4532A",
      colorSuccess: colours.good,
      colorWarning: colours.warn,
      colorError: colours.bad,
      colorInfo: dark ? "#8FB3D9" : "#3B6EA5",
      colorBgLayout: dark ? "#141312" : "#F7F6F4",
      // Ant's third grey has too little contrast.
      colorTextTertiary: dark ? "rgba(255, 255, 255, 0.62)" : "rgba(0, 0, 0, 0.6)",
      colorTextDescription: dark ? "rgba(255, 255, 255, 0.62)" : "rgba(0, 0, 0, 0.6)",
      colorTextPlaceholder: dark ? "rgba(255, 255, 255, 0.58)" : "rgba(0, 0, 0, 0.56)",
      // Panels stand out from the page, and what floats stands out from the panels.
      ...(dark && { colorBgContainer: "#1E1C1A", colorBgElevated: "#292623" }),
      ...(!dark && {
        // In dark mode Ant's derived background colours have too little contrast.
        colorSuccessBg: "#EEF4F0",
        colorSuccessBorder: "#BCD3C6",
        colorWarningBg: "#FAF4E6",
        colorWarningBorder: "#E5D3A6",
        colorErrorBg: "#FAEFED",
        colorErrorBorder: "#E6BFBA",
        colorInfoBg: "#EEF3F8",
        colorInfoBorder: "#C3D4E5",
      }),
      borderRadius: 6,
      fontSize: 14,
      fontFamily: FONT,
      wireframe: false,
    },
    components: {
      Button: dark ? { primaryColor: "#171614" } : {},
      Table: { cellPaddingBlockSM: 9, cellPaddingInlineSM: 12, cellFontSizeSM: 13, headerBg: "transparent" },
      Descriptions: { itemPaddingBottom: 8 },
    },
  };
}
