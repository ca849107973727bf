// Types for `npm run check`; nothing of this reaches a browser.

/** What Streamlit hands to a component's function. */
interface ComponentArguments {
  /** A list whose last item is the newest frame; its form is written at the head of each file. */
  data: any[];
  parentElement: HTMLElement;
  setTriggerValue(name: string, value: unknown): void;
  setStateValue(name: string, value: unknown): void;
}

interface Window {
  nncoreActs?: { count: number };
  nncoreKeep?: {
    seen: Map<string, string | null>;
    turns: Map<string, string>;
    news: Map<string, { text: string | null; base: string | null; stamp: number; at: number }>;
    stamps: Map<string, number>;
    stamp: number;
    asked: number;
    command: string;
    forgotten: [string, string][];
    moved: string[];
    tellsAside: boolean;
    sync: (() => void) | null;
  };
  nncoreIdentity?: Promise<{ tab: string | null; browser: string | null }>;
}
