// How our page draws cards: a chat client's message in light and in dark. The values are ours; only the look resembles
// the client's, so a picture shows what a card says and how it is arranged, not every pixel of the real thing.

const LIGHT = {
  page: "#f5f5f5", card: "#ffffff", border: "#e0e0e0", text: "#242424", subtle: "#616161", link: "#4f52b2",
  button: "#ffffff", buttonText: "#242424", buttonBorder: "#d1d1d1", primary: "#5b5fc7", field: "#ffffff",
  grounds: { emphasis: "#f5f5f5", accent: "#ebefff", good: "#e7f5e7", attention: "#fcebed", warning: "#fdf3e0" },
  inks: { accent: "#4f52b2", good: "#0e700e", attention: "#b10e1c", warning: "#8a5a00" },
};

const DARK = {
  page: "#1a1a1a", card: "#292929", border: "#3d3d3d", text: "#ffffff", subtle: "#b8b8b8", link: "#9299f7",
  button: "#292929", buttonText: "#ffffff", buttonBorder: "#666666", primary: "#5b5fc7", field: "#1f1f1f",
  grounds: { emphasis: "#333333", accent: "#2f3056", good: "#123d12", attention: "#4f151c", warning: "#4a3511" },
  inks: { accent: "#9299f7", good: "#54b054", attention: "#e37d80", warning: "#f2c661" },
};

export const THEMES = { light: LIGHT, dark: DARK };

const sizes = { small: 12, default: 14, medium: 16, large: 18, extraLarge: 22 };
const weights = { lighter: 300, default: 400, bolder: 600 };

/** The renderer's host configuration for one theme. */
export function hostConfig(theme) {
  const ink = (color) => ({ default: color, subtle: color === theme.text ? theme.subtle : color });
  const foregroundColors = { default: ink(theme.text), light: ink(theme.subtle), dark: ink(theme.text) };
  for (const [name, color] of Object.entries(theme.inks)) foregroundColors[name] = ink(color);
  const containerStyles = { default: { backgroundColor: theme.card, foregroundColors } };
  for (const [name, color] of Object.entries(theme.grounds)) {
    containerStyles[name] = { backgroundColor: color, foregroundColors };
  }
  return {
    supportsInteractivity: true,
    fontTypes: {
      default: { fontFamily: "'Segoe UI', 'DejaVu Sans', sans-serif", fontSizes: sizes, fontWeights: weights },
      monospace: { fontFamily: "Consolas, 'DejaVu Sans Mono', monospace", fontSizes: sizes, fontWeights: weights },
    },
    spacing: { small: 4, default: 8, medium: 12, large: 16, extraLarge: 20, padding: 16 },
    separator: { lineThickness: 1, lineColor: theme.border },
    containerStyles,
    textStyles: { heading: { weight: "Bolder", size: "Default", color: "Default", fontType: "Default" } },
    actions: {
      maxActions: 6, spacing: "Medium", buttonSpacing: 8, actionsOrientation: "horizontal",
      actionAlignment: "left", showCard: { actionMode: "inline", inlineTopMargin: 12 },
    },
  };
}

/** What the renderer leaves to its host: buttons and fields. */
export function styles(theme) {
  return `
    body { margin: 16px; background: ${theme.page}; color: ${theme.text};
           font-family: 'Segoe UI', 'DejaVu Sans', sans-serif; }
    #card { background: ${theme.card}; border: 1px solid ${theme.border}; border-radius: 6px; overflow: hidden; }
    .ac-textBlock p { margin: 0; }
    .ac-actionSet { flex-wrap: wrap; gap: 8px 0; }
    .ac-pushButton { font: 600 13px 'Segoe UI', 'DejaVu Sans', sans-serif; padding: 6px 12px; border-radius: 4px;
                     border: 1px solid ${theme.buttonBorder}; background: ${theme.button}; color: ${theme.buttonText}; }
    .ac-pushButton.style-positive { background: ${theme.primary}; border-color: ${theme.primary}; color: #ffffff; }
    .ac-pushButton.style-destructive { background: ${theme.button}; color: ${theme.inks.attention}; border-color: ${theme.inks.attention}; }
    .ac-input { width: 100%; box-sizing: border-box; font: 14px 'Segoe UI', 'DejaVu Sans', sans-serif; padding: 6px 8px;
                min-height: 34px; border: 1px solid ${theme.buttonBorder}; border-radius: 4px;
                background: ${theme.field}; color: ${theme.text}; }
    .ac-input::placeholder { color: ${theme.subtle}; }
    textarea.ac-input { min-height: 64px; resize: none; }
  `;
}
