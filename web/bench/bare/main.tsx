/** The page that the shop and the console are compared with: React, and a button that counts. */
import { useState } from "react";
import { createRoot } from "react-dom/client";

function Bare() {
  const [count, set] = useState(0);
  return (
    <main>
      <h1>Bare</h1>
      <button onClick={() => set(count + 1)}>{count}</button>
    </main>
  );
}

const root = document.getElementById("root");
if (root) createRoot(root).render(<Bare />);
