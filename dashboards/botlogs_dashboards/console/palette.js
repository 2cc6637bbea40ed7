// The colours and fonts, for the component and the pages alike. An embedding page sets the --bot-logs-* ones.

export const PALETTE = `
  --bg: var(--bot-logs-background, light-dark(#ffffff, #14161b));
  --raised: var(--bot-logs-raised, light-dark(#f6f7f9, #1b1e25));
  --line: var(--bot-logs-line, light-dark(#e1e4ea, #2d323c));
  --text: var(--bot-logs-text, light-dark(#1b1f27, #e5e8ee));
  --quiet: var(--bot-logs-quiet, light-dark(#58616f, #a0a9b8));
  --accent: var(--bot-logs-accent, light-dark(#3450c8, #9db1ff));
  --on-accent: var(--bot-logs-on-accent, light-dark(#ffffff, #10131c));
  --accent-soft: var(--bot-logs-accent-soft, light-dark(#e9edff, #262e4b));
  --bad: var(--bot-logs-error, light-dark(#b4232a, #ff9a97));
  --bad-soft: light-dark(#fdecec, #3b2124);
  --warn: var(--bot-logs-warning, light-dark(#825200, #f1c069));
  --warn-soft: light-dark(#fdf2da, #372b15);
  --good: light-dark(#17703f, #6ad29b);
  --good-soft: light-dark(#e4f5ea, #173225);
  --font: var(--bot-logs-font, system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif);
  --mono: var(--bot-logs-mono, ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace);
`;
