// Types for `npm run check`; nothing of this reaches a browser.

/** What Streamlit hands to a component's function. */
interface ComponentArguments {
  /** A list whose last item is the newest frame; its form is written at the head of each file. */
  data: any[];
  parentElement: HTMLElement;
  setTriggerValue(name: string, value: unknown): void;
  setStateValue(name: string, value: unknown): void;
}

/** What the browser reads of a drawing while the pen moves. */
interface LiveReading {
  /** The network's input, 784 pixels; null where nothing is drawn. */
  image: Uint8Array | null;
  /** Each layer's values, the inputs first, and each layer's weighted sums. */
  trace: { values: Float32Array[]; sums: Float32Array[] } | null;
  /** Finds the strongest paths to the largest output: [layer, source, target, part]. */
  paths: (() => [number, number, number, number][]) | null;
  /** When the reading was begun, by the page's clock. */
  begun: number;
}

interface Window {
  nncoreActs?: { count: number };
  /** The clock of all live pictures, see replay/beat.js. */
  nncoreBeat?: {
    play(picture: object, draw: (share: number) => void): void;
    forget(picture: object): void;
  };
  /** The number of the last request to bring a part of the page into view. */
  nncoreAssist?: { turn: number };
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
    reminder: number;
    sync: (() => void) | null;
  };
  nncoreIdentity?: Promise<{ tab: string | null; browser: string | null }>;
  nncoreIdentityReminder?: number;
  nncorePen?: {
    isDown: boolean;
    /** Whether the browser has the reader's weights. */
    isReady: boolean;
    /** What is shown in place of the server's answer; null where that is shown. */
    live: LiveReading | null;
    /** Whether the browser keeps the page from reading its canvas. */
    isBlocked: boolean;
    /** Which of the canvas's buttons can do something; null without a canvas. */
    history: Record<string, boolean> | null;
    press(name: string): void;
    answered(image: Uint8Array | null): void;
    [more: string]: any;
  };
}
