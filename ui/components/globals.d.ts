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
  nncoreKept?: Map<string, string | null>;
  nncoreSeen?: Map<string, string | null>;
  nncoreIdentity?: Promise<{ tab: string | null; browser: string | null }>;
}
