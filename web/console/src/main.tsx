import "./start.css";
import { loadConfig, ShopProvider } from "@millrun/api";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { Unreachable } from "./frame/Unreachable";

const element = document.getElementById("root");
if (!element) throw new Error("index.html has no #root");
const root = createRoot(element);

function start() {
  loadConfig().then(
    (config) =>
      root.render(
        <StrictMode>
          <ShopProvider page="console" config={config}>
            <App />
          </ShopProvider>
        </StrictMode>,
      ),
    () => root.render(<Unreachable retry={start} />),
  );
}

start();
