import "./console.css";
import { loadConfig, ShopProvider } from "@millrun/api";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
const config = await loadConfig();
createRoot(root).render(
  <StrictMode>
    <ShopProvider page="console" config={config}>
      <App />
    </ShopProvider>
  </StrictMode>,
);
