import { Component, type ReactNode } from "react";
import { Notice } from "../kit/Notice";
import { useKitWords } from "../kit/useKitWords";

/**
 * An error boundary, so that one broken screen does not break the page. Use the location as `key`, so that navigation
 * resets it.
 */
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
  const { crashed } = useKitWords();
  return (
    <Notice
      title={crashed.title}
      body={crashed.body}
      step={
        <button type="button" className="plain-button" onClick={() => window.location.reload()}>
          {crashed.reload}
        </button>
      }
    />
  );
}
