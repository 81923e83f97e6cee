import { useWords } from "@millrun/api";
import { Component, type ReactNode } from "react";
import { Button } from "../parts/Button";
import { WORDS } from "./words";

/** An error boundary: a screen that breaks, or cannot be loaded, leaves the rest of the page in use. */
export class Crash extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Crashed /> : this.props.children;
  }
}

function Crashed() {
  const words = useWords(WORDS);
  return (
    <div className="empty" role="alert">
      <h1>{words.crashed}</h1>
      <p>{words.crashedText}</p>
      <Button wide={false} onClick={() => window.location.reload()}>
        {words.reload}
      </Button>
    </div>
  );
}
