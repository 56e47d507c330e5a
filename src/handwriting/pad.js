// The pad's front end: what is drawn, and what the network answers. Nothing here needs a network connection.
//
// To the kernel:   {id, strokes: [[x, y, x, y, ...], ...]} with 0 to 1,000 along a side,
//                  {id, photo: "data:..."}, or {id} once the pad is empty.
// From the kernel: {id, image: 28 × 28 bytes as base64, shares: [...], words, failed}.

const UNITS = 1000; // along a side of the pad
const PEN = 10 / 140; // a stroke's width, as a share of the side: the same as in pad.py
const PAUSE = 60; // milliseconds between two answers while the pen is down
const PATIENCE = 3000; // milliseconds until the pad says that nobody answers
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const SMALL_PHOTO = 1_500_000; // bytes; larger photos are made smaller before they are sent
const LARGEST_FILE = 5_000_000; // bytes of a file that this browser cannot open, but the kernel perhaps can
const MARKS = ["data-jp-theme-light", "data-vscode-theme-kind"]; // how JupyterLab and VS Code tell their theme
const HELP =
  "Keyboard: arrow keys move (with Shift: further), Space puts the pen down and lifts it, " +
  "Backspace undoes, Delete clears.";
const NOBODY =
  "Nobody answers. If another cell is running, wait until it is done. If not, run this pad’s cell again.";

/** An element with attributes and children. */
function make(tag, attributes = {}, ...children) {
  const one = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
  one.append(...children);
  return one;
}

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

/** A file as a data address. */
function readFile(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

/** A photo as {picture, address}: the picture is null where this browser cannot open it. */
async function openPhoto(file) {
  const picture = new Image();
  picture.src = file.size ? await readFile(file) : "data:,";
  try {
    await picture.decode();
  } catch {
    return { picture: null, address: file.size > LARGEST_FILE ? null : picture.src };
  }
  if (file.size <= SMALL_PHOTO) return { picture, address: picture.src };
  const scale = Math.min(1, 1000 / Math.max(picture.width, picture.height));
  const [width, height] = [picture.width, picture.height].map((side) => Math.round(side * scale));
  const smaller = make("canvas", { width, height });
  smaller.getContext("2d").drawImage(picture, 0, 0, width, height);
  return { picture, address: smaller.toDataURL("image/jpeg", 0.92) };
}

function render({ model, el }) {
  const me = Math.random().toString(36).slice(2); // several views of one pad share a line to the kernel
  const names = model.get("names");
  const ends = new AbortController(); // takes all listeners on the page away with the view

  // --- What is on the page -------------------------------------------------------------------------------------

  const helpId = `hw-pad-${me}`;
  const sheet = make("canvas", {
    class: "hw-pad-sheet", tabindex: "0", role: "application", "aria-label": "Drawing pad", "aria-describedby": helpId,
  });
  const invitation = make("p", { class: "hw-pad-invitation", "aria-hidden": "true" }, "Draw here");
  const undoButton = make("button", { type: "button", class: "hw-pad-button" }, "Undo");
  const clearButton = make("button", { type: "button", class: "hw-pad-button" }, "Clear");
  const file = make("input", { type: "file", accept: "image/*" });
  const upload = make("label", { class: "hw-pad-button" }, file, "Upload a photo");
  const seen = make("canvas", {
    class: "hw-pad-seen", width: 28, height: 28, role: "img", "aria-label": "What the network sees: 28 by 28 pixels",
  });
  const status = make("p", { class: "hw-pad-status", role: "status" });
  const rows = names.map((name) => {
    const fill = make("span", { class: "hw-pad-fill" });
    const share = make("span", { class: "hw-pad-share" });
    const label = make("span", { class: "hw-pad-name" }, name);
    return { fill, share, row: make("li", {}, label, make("span", { class: "hw-pad-track" }, fill), share) };
  });
  const bars = make("ul", { class: "hw-pad-bars", "aria-label": "How probable the network finds each class" });
  bars.append(...rows.map(({ row }) => row));
  bars.style.setProperty("--letters", Math.max(...names.map((name) => name.length)));
  const pad = make(
    "div",
    {
      class: "hw-pad", role: "group", "aria-label": "Drawing pad with the network’s answer",
      "data-lm-suppress-shortcuts": "true", // JupyterLab hears keys before the pad does; this keeps it quiet
    },
    make("div", { class: "hw-pad-left" },
      make("div", { class: "hw-pad-frame" }, sheet, invitation),
      make("div", { class: "hw-pad-buttons" }, undoButton, clearButton, upload)),
    make("div", { class: "hw-pad-right" },
      make("div", { class: "hw-pad-answer" },
        make("div", { class: "hw-pad-eye" }, seen, make("span", { "aria-hidden": "true" }, "the network sees")),
        status),
      bars),
    make("p", { class: "hw-pad-help", id: helpId }, "Draw with a mouse, a pen or a finger. ", HELP),
  );
  el.append(pad);

  // --- What is drawn -------------------------------------------------------------------------------------------

  const marks = []; // in order: strokes {points}, photos {photo, picture, name} and {blank: true}; undo takes the last
  const cursor = { x: UNITS / 2, y: UNITS / 2, shown: false };
  let pointer = null; // the finger, pen or mouse that draws
  let stroke = null; // the stroke that grows

  /** What counts now: the last photo if nothing was done since, else the strokes since the last photo or blank. */
  function visible() {
    if (marks.at(-1)?.photo) return { photo: marks.at(-1) };
    const strokes = [];
    for (const mark of marks) {
      if (mark.points) strokes.push(mark);
      else strokes.length = 0;
    }
    return { strokes };
  }

  const isEmpty = ({ photo, strokes }) => !photo && strokes.length === 0;

  function redraw() {
    const side = sheet.width, context = sheet.getContext("2d"), now = visible();
    const colour = getComputedStyle(sheet).color;
    context.clearRect(0, 0, side, side);
    Object.assign(context, { strokeStyle: colour, fillStyle: colour, lineCap: "round", lineJoin: "round" });
    context.lineWidth = PEN * side;
    for (const { points } of now.strokes ?? []) {
      const at = (place) => [(points[place] * side) / UNITS, (points[place + 1] * side) / UNITS];
      context.beginPath();
      context.moveTo(...at(0));
      for (let place = 2; place < points.length - 2; place += 2) {
        const [x, y] = at(place), [nextX, nextY] = at(place + 2);
        context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2); // round where the pointer went in corners
      }
      context.lineTo(...at(points.length - 2));
      context.stroke();
    }
    if (now.photo?.picture) {
      const { width, height } = now.photo.picture, scale = side / Math.max(width, height);
      const size = [width * scale, height * scale];
      context.drawImage(now.photo.picture, (side - size[0]) / 2, (side - size[1]) / 2, ...size);
    } else if (now.photo) {
      Object.assign(context, { font: `${side / 18}px sans-serif`, textAlign: "center" });
      context.fillText(now.photo.name, side / 2, side / 2, 0.9 * side);
    }
    if (cursor.shown) {
      context.lineWidth = side / 90;
      context.strokeStyle = getComputedStyle(pad).getPropertyValue("--accent");
      context.beginPath();
      context.arc((cursor.x * side) / UNITS, (cursor.y * side) / UNITS, (stroke ? 0.3 : 0.65) * PEN * side, 0, 7);
      context.stroke();
    }
    sheet.classList.toggle("hw-pad-keys", cursor.shown);
    invitation.hidden = !isEmpty(now);
  }

  function extend(x, y) {
    const { points } = stroke, inside = (value) => Math.round(Math.min(UNITS, Math.max(0, value)));
    const [lastX, lastY] = points.slice(-2);
    // Nearer points add nothing that could be seen, but length to the message.
    if (points.length && Math.hypot(x - lastX, y - lastY) < 4) return;
    points.push(inside(x), inside(y));
  }

  function penDown(x, y) {
    stroke = { points: [] };
    marks.push(stroke);
    extend(x, y);
  }

  function changed(last) {
    redraw();
    if (!isEmpty(visible())) return ask(last);
    empty();
    send({});
  }

  function undo() {
    if (marks.length === 0) return;
    stroke = pointer = null;
    marks.pop();
    changed(true);
  }

  function clear() {
    stroke = pointer = null;
    if (!isEmpty(visible())) marks.push({ blank: true });
    changed(true);
  }

  // --- Questions to the kernel, one at a time ------------------------------------------------------------------

  let count = 0;
  let open = null; // the question that waits for its answer: {id, last, silent}
  let wanted = null; // what to ask next: {last}, where last means that the pen is up
  let pause = null, patience = null;

  function ask(last) {
    wanted = { last: last || Boolean(wanted?.last) };
    if (last) pad.dataset.state = "waiting";
    if ((!open || open.silent) && (wanted.last || !pause)) post();
  }

  function post() {
    const { photo, strokes } = visible();
    clearTimeout(pause);
    clearTimeout(patience);
    open = { id: `${me}/${++count}`, last: wanted.last, silent: false };
    pause = wanted = null;
    patience = setTimeout(nobody, PATIENCE);
    send(photo ? { photo: photo.photo } : { strokes: strokes.map(({ points }) => points) });
  }

  function send(content) {
    try {
      model.send({ id: open?.id ?? me, ...content });
    } catch {
      nobody(); // the line to the kernel is closed
    }
  }

  function nobody() {
    clearTimeout(patience);
    if (open) open.silent = true; // it may still be answered, but no longer holds up the next
    say(NOBODY, "silent");
  }

  function empty() {
    for (const timer of [pause, patience]) clearTimeout(timer);
    open = wanted = pause = patience = null;
    show({ image: "", shares: [] });
    say("Draw something, or upload a photo of it.", "empty");
  }

  function answer(reply) {
    if (!open || reply.id !== open.id) return; // for another view, or about what is no longer there
    const { last } = open;
    clearTimeout(patience);
    open = null;
    if (last || !reply.failed) show(reply);
    if (last) say(reply.words, reply.failed ? "failed" : "answered");
    if (wanted?.last) post();
    else pause = setTimeout(() => ((pause = null), wanted && post()), PAUSE);
  }

  function say(words, state) {
    status.textContent = words;
    pad.dataset.state = state;
  }

  function show({ image, shares }) {
    const context = seen.getContext("2d"), pixels = context.createImageData(28, 28);
    const bytes = atob(image);
    for (let place = 0; place < 784; place++) {
      pixels.data.fill(bytes.charCodeAt(place) || 0, 4 * place, 4 * place + 3);
      pixels.data[4 * place + 3] = 255;
    }
    context.putImageData(pixels, 0, 0);
    const best = Math.max(...shares);
    rows.forEach(({ row, fill, share }, place) => {
      const value = shares[place] ?? 0;
      fill.style.width = `${100 * value}%`;
      share.textContent = shares.length ? `${Math.round(100 * value)}\u00a0%` : "";
      row.classList.toggle("hw-pad-best", shares.length > 0 && value === best);
    });
    bars.classList.toggle("hw-pad-none", shares.length === 0);
    bars.setAttribute("aria-hidden", String(shares.length === 0));
  }

  // --- Mouse, pen, finger --------------------------------------------------------------------------------------

  const listen = (target, kind, act, options = {}) =>
    target.addEventListener(kind, act, { signal: ends.signal, ...options });

  function place(event) {
    const box = sheet.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * UNITS, ((event.clientY - box.top) / box.height) * UNITS];
  }

  listen(sheet, "pointerdown", (event) => {
    if (event.button !== 0 || pointer !== null) return;
    pointer = event.pointerId;
    sheet.setPointerCapture(pointer);
    sheet.focus({ preventScroll: true });
    cursor.shown = false;
    penDown(...place(event));
    changed(false);
  });
  listen(sheet, "pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length ? all : [event]) extend(...place(one));
    changed(false);
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    listen(sheet, kind, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = stroke = null;
      changed(true);
    });
  }
  // Older Safari scrolls in spite of touch-action.
  listen(sheet, "touchstart", (event) => event.preventDefault(), { passive: false });
  listen(undoButton, "click", undo);
  listen(clearButton, "click", clear);

  // --- Keyboard ------------------------------------------------------------------------------------------------

  const keys = {
    " ": () => {
      if (stroke) stroke = null;
      else penDown(cursor.x, cursor.y);
      changed(!stroke);
      status.textContent = stroke ? "Pen down: the arrow keys draw." : "Pen up.";
    },
    Backspace: undo,
    Delete: clear,
    Escape: clear,
  };

  listen(sheet, "keydown", (event) => {
    if (pointer !== null) return;
    const step = STEPS[event.key];
    const command = event.ctrlKey || event.metaKey ? (event.key.toLowerCase() === "z" ? undo : null) : keys[event.key];
    if (event.altKey || !(step || command)) return;
    event.preventDefault();
    cursor.shown = true;
    if (step) {
      const size = event.shiftKey ? 100 : 25;
      cursor.x = Math.min(UNITS, Math.max(0, cursor.x + size * step[0]));
      cursor.y = Math.min(UNITS, Math.max(0, cursor.y + size * step[1]));
      if (stroke) extend(cursor.x, cursor.y);
      if (stroke) changed(false);
    } else if (!event.repeat || command === undo) command();
    redraw();
  });
  listen(pad, "keydown", (event) => event.stopPropagation());
  listen(sheet, "focus", () => {
    cursor.shown = pointer === null && sheet.matches(":focus-visible");
    redraw();
  });
  listen(sheet, "blur", () => {
    if (stroke && pointer === null) { // a keyboard's pen does not stay down unseen
      stroke = null;
      changed(true);
    }
    cursor.shown = false;
    redraw();
  });

  // --- Photos --------------------------------------------------------------------------------------------------

  listen(file, "change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    const { picture, address } = await openPhoto(chosen);
    file.value = ""; // so that the same file can be chosen again
    if (address === null) {
      say(`${chosen.name} cannot be opened by this browser. Save it as JPEG or PNG first.`, "failed");
      return;
    }
    stroke = pointer = null;
    marks.push({ photo: address, picture, name: chosen.name });
    changed(true);
  });

  // --- Size and theme ------------------------------------------------------------------------------------------

  function fit() {
    const theme = isDark(el) ? "dark" : "light";
    if (pad.dataset.theme !== theme) pad.dataset.theme = theme;
    const side = Math.round(sheet.clientWidth * (window.devicePixelRatio || 1));
    if (side && sheet.width !== side) sheet.width = sheet.height = side;
    redraw();
  }
  const sizes = new ResizeObserver(fit);
  sizes.observe(sheet);
  const themes = new MutationObserver(fit);
  for (const one of [document.documentElement, document.body]) {
    themes.observe(one, { attributeFilter: ["class", "style", "theme", ...MARKS] });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener?.("change", fit, { signal: ends.signal });

  model.on("msg:custom", answer);
  empty();
  fit();
  return () => {
    model.off("msg:custom", answer);
    ends.abort();
    for (const observer of [sizes, themes]) observer.disconnect();
    for (const timer of [pause, patience]) clearTimeout(timer);
  };
}

export default { render };
