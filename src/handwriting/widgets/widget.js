// What the pads in notebooks share: elements, photos, and the theme around them. Nothing here needs a network connection.

const SMALL_PHOTO = 1_500_000; // bytes; larger photos are made smaller before they are sent
const LARGEST_FILE = 5_000_000; // bytes of a file that this browser cannot open, but the kernel perhaps can
const MARKS = ["data-jp-theme-light", "data-vscode-theme-kind"]; // how JupyterLab and VS Code tell their theme
const PATIENCE = 3000; // milliseconds until a pad says that nobody answers
const NOBODY =
  "Nobody answers. If another cell is running, wait until it is done. If not, run this pad’s cell again.";
const HELP =
  "Draw with a mouse, a pen or a finger. Keyboard: arrow keys move (with Shift: further), " +
  "Space puts the pen down and lifts it, Backspace undoes, Delete clears";

/** An element with attributes and children. */
function make(tag, attributes = {}, ...children) {
  const one = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
  one.append(...children);
  return one;
}

/** A name in whatever script, which changes the direction of nothing around it. */
const isolated = (name) => make("bdi", { dir: "auto" }, name);

const makeButton = (words) => make("button", { type: "button", class: "hw-pad-button" }, words);

/** Whether the page around an element is dark: front ends say so in different ways, else its background tells. */
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
  const look = () => {
    const theme = isDark(pad.parentElement) ? "dark" : "light";
    if (pad.dataset.theme !== theme) pad.dataset.theme = theme;
    redraw();
  };
  const themes = new MutationObserver(look);
  for (const one of [document.documentElement, document.body]) {
    themes.observe(one, { attributeFilter: ["class", "style", "theme", ...MARKS] });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener?.("change", look, { signal });
  signal.addEventListener("abort", () => themes.disconnect());
  look();
}

/** A file as a data address. */
function readFile(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

/** A file as {photo, picture, name}: the address is null if it is too large; the picture, if this browser cannot open it. */
async function openPhoto(file) {
  const picture = new Image(), { name } = file;
  picture.src = file.size ? await readFile(file) : "data:,";
  try {
    await picture.decode();
  } catch {
    return { photo: file.size > LARGEST_FILE ? null : picture.src, picture: null, name };
  }
  if (file.size <= SMALL_PHOTO) return { photo: picture.src, picture, name };
  const scale = Math.min(1, 1000 / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) => Math.round(side * scale));
  const smaller = make("canvas", { width, height });
  smaller.getContext("2d").drawImage(picture, 0, 0, width, height);
  return { photo: smaller.toDataURL("image/jpeg", 0.92), picture, name };
}

/**
 * A pad with its sheet and buttons at the left, and whatever belongs at the right.
 *
 * el: where it comes to stand. title, help: what it is, and how to use it. me: a word that no other view has.
 * right: elements. signal: takes all listeners away. keys, changed, say: as for makeSheet; say(words, state) with a
 * state where a photo cannot be opened.
 *
 * Gives {pad, sheet}.
 */
function makePad({ el, title, help, me, right, signal, keys, changed, say }) {
  const helpId = `hw-pad-${me}`;
  const canvas = make("canvas", {
    class: "hw-pad-sheet", tabindex: "0", role: "application", "aria-label": "Drawing pad", "aria-describedby": helpId,
  });
  const invitation = make("p", { class: "hw-pad-invitation", "aria-hidden": "true" }, "Draw here");
  const [undo, clear] = ["Undo", "Clear"].map(makeButton);
  const file = make("input", { type: "file", accept: "image/*" });
  const upload = make("label", { class: "hw-pad-button" }, file, "Upload a photo");
  const pad = make(
    "div",
    // JupyterLab hears keys before the pad does; this keeps it quiet.
    { class: "hw-pad", role: "group", "aria-label": title, "data-lm-suppress-shortcuts": "true" },
    make("div", { class: "hw-pad-left" },
      make("div", { class: "hw-pad-frame" }, canvas, invitation),
      make("div", { class: "hw-pad-buttons" }, undo, clear, upload)),
    make("div", { class: "hw-pad-right" }, ...right),
    make("p", { class: "hw-pad-help", id: helpId }, help),
  );
  pad.addEventListener("keydown", (event) => event.stopPropagation(), { signal });
  el.append(pad);
  const sheet = makeSheet({ pad, canvas, invitation, undo, clear, signal, keys, changed, say });
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    const photo = await openPhoto(chosen);
    file.value = ""; // so that the same file can be chosen again
    if (photo.photo !== null) sheet.addPhoto(photo);
    else say(`${photo.name} cannot be opened by this browser. Save it as JPEG or PNG first.`, "failed");
  }, { signal });
  followTheme(pad, sheet.redraw, signal);
  return { pad, sheet };
}
