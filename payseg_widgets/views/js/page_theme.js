// Light or dark, as the page around a picture says: JupyterLab, Notebook, Voila, VS Code, or an exported file that does both.

const HOUSE = {
  light: { background: "#ffffff", ink: "#1b1f24", muted: "#57606a", grid: "#e3e6ea" },
  dark: { background: "#111111", ink: "#e6e6e6", muted: "#b3b3b3", grid: "#3a3a3a" },
};
const VARIABLES = {
  background: "--jp-layout-color0",
  ink: "--jp-content-font-color1",
  muted: "--jp-content-font-color2",
  grid: "--jp-border-color3",
};

export function isDark() {
  const { jpThemeLight, vscodeThemeKind } = document.body.dataset;
  if (jpThemeLight !== undefined) return jpThemeLight === "false";
  if (vscodeThemeKind !== undefined) return vscodeThemeKind.includes("dark") || vscodeThemeKind === "vscode-high-contrast";
  const schemes = getComputedStyle(document.documentElement).colorScheme;
  return schemes.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches;
}

// The colours to draw with: the page's own where it names them.
export function pageTheme() {
  const dark = isDark();
  const style = getComputedStyle(document.body);
  const theme = { dark };
  for (const [role, variable] of Object.entries(VARIABLES))
    theme[role] = style.getPropertyValue(variable).trim() || HOUSE[dark ? "dark" : "light"][role];
  return theme;
}

// Call back at each switch; returns what ends the watch.
export function watchTheme(changed) {
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name", "data-vscode-theme-kind"] });
  const media = matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", changed);
  return () => {
    observer.disconnect();
    media.removeEventListener("change", changed);
  };
}

const THEMED = /^(Figure|Plot|GridPlot|.*Axis|Grid|Legend|Title|Label|LabelSet|.*ColorBar)$/;
const ROLES = {
  background_fill_color: "background",
  border_fill_color: "background",
  text_color: "ink",
  title_text_color: "ink",
  label_text_color: "ink",
  axis_label_text_color: "muted",
  major_label_text_color: "muted",
  axis_line_color: "grid",
  major_tick_line_color: "grid",
  minor_tick_line_color: "grid",
  grid_line_color: "grid",
  border_line_color: "grid",
};

// Give every figure of a Bokeh document the page's colours, in the page only: Python's models keep theirs.
export function themeFigures(bokehDocument, theme) {
  for (const model of bokehDocument._all_models.values()) {
    if (!THEMED.test(model.type)) continue;
    const changes = {};
    for (const [name, role] of Object.entries(ROLES)) {
      if (!(name in model.properties)) continue;
      const now = model[name];
      const isSpec = now !== null && typeof now === "object" && !Array.isArray(now);
      if (now === null || (isSpec && now.value == null)) continue; // not drawn, or a column decides
      if ((isSpec ? now.value : now) !== theme[role]) changes[name] = isSpec ? { value: theme[role] } : theme[role];
    }
    if (Object.keys(changes).length) model.setv(changes, { sync: false });
  }
}
