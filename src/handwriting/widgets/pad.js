// What all pads have in common: elements, bars, the theme around them, and a sheet with its buttons. It is part of the
// pads in notebooks and of an exported page.

const THEMES = ["data-jp-theme-light", "data-vscode-theme-kind"]; // how JupyterLab and VS Code mark their theme
const HELP =
  "Draw with a mouse, a pen or a finger. Keyboard: arrow keys move (with Shift: further), " +
  "Space puts the pen down and lifts it, Backspace undoes, Delete clears";

/** An element with attributes and children. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The bytes that base64 stands for. */
const bytesOf = (text = "") => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

/** A name in any script, which does not change the direction of the text around it. */
const isolated = (name) => make("bdi", { dir: "auto" }, name);

const makeButton = (words) => make("button", { type: "button", class: "hw-pad-button" }, words);

// --- Bars and the network's prediction ---------------------------------------------------------------------------

/** A name, a bar and a number: {parts, draw(share, text)}. */
function makeBar(name) {
  const fill = make("span", { class: "hw-pad-fill" }), number = make("span", { class: "hw-pad-share" });
  const draw = (share, text) => {
    fill.style.width = `${100 * share}%`;
    number.textContent = text;
  };
  const track = make("span", { class: "hw-pad-track", "aria-hidden": "true" }, fill);
  return { draw, parts: [make("span", { class: "hw-pad-name" }, isolated(name)), track, number] };
}

/** A list of rows with bars. */
const makeList = (title, rows) => make("ul", { class: "hw-pad-bars", "aria-label": title }, ...rows);

/** The prediction in words, as parts of a paragraph. */
function sentence(name, share, isDigit) {
  const thing = /^[0-9]$/.test(name) ? [name === "8" ? "an " : "a ", name] : ["“", isolated(name), "”"];
  const known = share >= 0.5 ? "This looks like " : "Hard to tell. It looks most like ";
  const start = isDigit ? known : "This does not look like a digit. The closest is ";
  return [start, ...thing, ` (${Math.round(100 * share)}\u00a0%).`];
}

/** An image that paint(levels) fills: `count` grey levels from 0 to 255, row by row, or none. */
function makeImage(label, kind, width, height, count) {
  const image = make("canvas", { class: kind, width, height, role: "img", "aria-label": label });
  const paint = (levels) => {
    const context = image.getContext("2d"), pixels = context.createImageData(width, height);
    for (let at = 0; at < count; at++) {
      pixels.data.fill(levels[at] ?? 0, 4 * at, 4 * at + 3);
      pixels.data[4 * at + 3] = 255;
    }
    context.putImageData(pixels, 0, 0);
  };
  return { image, paint };
}

/** The last hidden layer, a cell for each unit, and in words: {elements, show(levels)}; without units nothing. */
function makeHiddenLayer(count, unit) {
  if (!count) return { elements: [], show() {} };
  const columns = Math.ceil(Math.sqrt(8 * count)), rows = Math.ceil(count / columns);
  const label = `The ${count} ${unit}s of the last hidden layer: bright ones are active`;
  const { image, paint } = makeImage(label, "hw-pad-hidden", columns, rows, count);
  const words = make("p", { class: "hw-pad-units" });
  function show(levels) {
    paint(levels);
    const active = Array.from(levels.keys()).filter((place) => levels[place] > 0);
    const strongest = [...active].sort((one, other) => levels[other] - levels[one]).slice(0, 3);
    const are = active.length === 1 ? "is" : "are", which = strongest.length ? ` Strongest: ${strongest.join(", ")}.` : "";
    words.textContent = levels.length ? `${active.length} of ${count} ${unit}s ${are} active.${which}` : `${count} ${unit}s: bright ones are active.`;
  }
  return { elements: [make("div", {}, image, words)], show };
}

/**
 * What the network sees, what it predicts in words, a bar for each class, and the `units` of its last hidden layer.
 *
 * Gives elements for the pad's right side; status, for the sentence; and show(levels, shares, hidden), which takes
 * 28 × 28 grey levels, probabilities and the grey levels of the units, or nothing, and gives the best class.
 */
function makePrediction(names, units = 0, unit = "") {
  const { image: seen, paint } = makeImage("What the network sees: 28 by 28 pixels", "hw-pad-seen", 28, 28, 28 * 28);
  const eye = make("div", { class: "hw-pad-eye" }, seen, make("span", { "aria-hidden": "true" }, "the network sees"));
  const status = make("p", { class: "hw-pad-status", role: "status" });
  const bars = names.map(makeBar), rows = bars.map(({ parts }) => make("li", {}, ...parts));
  const list = makeList("Probability of each class", rows);
  const layer = makeHiddenLayer(units, unit);

  function show(levels = [], shares = [], hidden = []) {
    paint(levels);
    layer.show(hidden);
    const best = shares.length ? shares.indexOf(Math.max(...shares)) : -1;
    bars.forEach(({ draw }, place) => {
      draw(shares[place] ?? 0, shares.length ? `${Math.round(100 * shares[place])}\u00a0%` : "");
      rows[place].classList.toggle("hw-pad-best", place === best);
    });
    list.classList.toggle("hw-pad-none", best < 0);
    list.setAttribute("aria-hidden", String(best < 0));
    return best;
  }

  const elements = [make("div", { class: "hw-pad-answer" }, eye, status), list, ...layer.elements];
  return { elements, status, show };
}

// --- Theme -------------------------------------------------------------------------------------------------------

/** Whether the page around an element is dark: front ends say so in different ways, else its background shows it. */
function isDark(element) {
  const jupyter = document.body.dataset.jpThemeLight;
  if (jupyter) return jupyter === "false";
  const other = document.body.dataset.vscodeThemeKind || document.documentElement.getAttribute("theme");
  if (other) return /dark|high-contrast$/.test(other);
  for (let one = element; one; one = one.parentElement) {
    const [red, green, blue, alpha = 1] = (getComputedStyle(one).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    if (alpha > 0.5) return 0.3 * red + 0.6 * green + 0.1 * blue < 110;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

/** Keep a pad in the colours of the page around it. */
function followTheme(pad, redraw, signal) {
  const update = () => {
    const theme = isDark(pad.parentElement) ? "dark" : "light";
    if (pad.dataset.theme !== theme) pad.dataset.theme = theme;
    redraw();
  };
  const themes = new MutationObserver(update);
  for (const one of [document.documentElement, document.body]) {
    themes.observe(one, { attributeFilter: ["class", "style", "theme", ...THEMES] });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener?.("change", update, { signal });
  signal.addEventListener("abort", () => themes.disconnect());
  update();
}

// --- The pad -----------------------------------------------------------------------------------------------------

/**
 * A pad with its sheet and buttons at the left, and other elements at the right.
 *
 * el: its parent. title, help: what it is, and how to use it. id: of the help text. right: elements. buttons: further
 * ones below the sheet. signal: removes all listeners. keys, changed, say: as for makeSheet.
 *
 * Gives {pad, sheet}.
 */
function makePad({ el, title, help, id, right, buttons = [], signal, keys, changed, say }) {
  const canvas = make("canvas", {
    class: "hw-pad-sheet", tabindex: "0", role: "application", "aria-label": "Drawing pad", "aria-describedby": id,
  });
  const invitation = make("p", { class: "hw-pad-invitation", "aria-hidden": "true" }, "Draw here");
  const [undo, clear] = ["Undo", "Clear"].map(makeButton);
  const pad = make(
    "div",
    // JupyterLab hears keys before the pad does; this keeps it quiet.
    { class: "hw-pad", role: "group", "aria-label": title, "data-lm-suppress-shortcuts": "true" },
    make("div", { class: "hw-pad-left" },
      make("div", { class: "hw-pad-frame" }, canvas, invitation),
      make("div", { class: "hw-pad-buttons" }, undo, clear, ...buttons)),
    make("div", { class: "hw-pad-right" }, ...right),
    make("p", { class: "hw-pad-help", id }, help),
  );
  pad.addEventListener("keydown", (event) => {
    event.stopPropagation();
    // To save is not the pad's: JupyterLab gets it as if it were pressed beside the pad.
    const saves = event.key.toLowerCase() === "s" && (event.ctrlKey || event.metaKey);
    if (saves && !el.dispatchEvent(new KeyboardEvent("keydown", event))) event.preventDefault();
  }, { signal });
  el.append(pad);
  const sheet = makeSheet({ pad, canvas, invitation, undo, clear, signal, keys, changed, say });
  followTheme(pad, sheet.redraw, signal);
  return { pad, sheet };
}
