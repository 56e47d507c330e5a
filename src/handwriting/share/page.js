// The pad in the page: what is drawn, and what the network answers. Its keys are those of the workshop's own pad.

const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** An element with a class and children. */
function make(tag, kind, ...children) {
  const one = document.createElement(tag);
  one.className = kind;
  one.append(...children);
  return one;
}

/** A name in whatever script, which changes the direction of nothing around it. */
function isolated(name) {
  const one = make("bdi", "", name);
  one.dir = "auto";
  return one;
}

/** The guess in words, as parts of a paragraph. */
function sentence(name, share) {
  const digit = /^[0-9]$/.test(name);
  const thing = digit ? [name === "8" ? "an " : "a ", name] : ["“", isolated(name), "”"];
  const start = share >= 0.5 ? "This looks like " : "Hard to tell. It looks most like ";
  return [start, ...thing, ` (${Math.round(100 * share)}\u00a0%).`];
}

/** A list of bars, one per class; returns what shows shares in it, or nothing for an empty list. */
function makeBars(bars, names) {
  const rows = names.map((name) => {
    const label = make("span", "name", isolated(name)), fill = make("span", "fill"), share = make("span", "share");
    return { label, fill, share, row: make("li", "", label, make("span", "track", fill), share) };
  });
  bars.append(...rows.map(({ row }) => row));
  const size = parseFloat(getComputedStyle(bars).fontSize);
  const widest = Math.max(...rows.map(({ label }) => label.getBoundingClientRect().width));
  bars.style.setProperty("--names", `${(1.08 * widest) / size}em`); // wider by as much as bold letters are
  return (shares) => {
    const best = shares.length ? shares.indexOf(Math.max(...shares)) : -1;
    rows.forEach(({ row, fill, share }, place) => {
      const value = shares[place] ?? 0;
      fill.style.width = `${100 * value}%`;
      share.textContent = shares.length ? `${Math.round(100 * value)}\u00a0%` : "";
      row.classList.toggle("best", place === best);
    });
    bars.classList.toggle("none", best < 0);
    bars.setAttribute("aria-hidden", String(best < 0));
    return best;
  };
}

function startPad({ names, layers }) {
  const pad = document.querySelector(".pad");
  const parts = [".sheet", ".invitation", ".seen", ".status"];
  const [sheet, invitation, seen, status] = parts.map((one) => pad.querySelector(one));
  const showShares = makeBars(pad.querySelector(".bars"), names);
  const strokes = []; // each [x, y, x, y, ...], 0 to UNITS; `null` where the pad was cleared; undo takes the last
  const cursor = { x: UNITS / 2, y: UNITS / 2, shown: false };
  let pointer = null; // the finger, pen or mouse that draws
  let stroke = null; // the stroke that grows
  let frame = null; // the reading that waits for the next picture on the screen

  const visible = () => strokes.slice(strokes.lastIndexOf(null) + 1);

  // --- What is drawn ---------------------------------------------------------------------------------------------

  function redraw() {
    const side = sheet.width, context = sheet.getContext("2d"), now = visible();
    const colour = getComputedStyle(sheet).color;
    context.clearRect(0, 0, side, side);
    Object.assign(context, { strokeStyle: colour, lineCap: "round", lineJoin: "round", lineWidth: (PEN / SIDE) * side });
    for (const points of now) {
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
    if (cursor.shown) {
      const at = [(cursor.x * side) / UNITS, (cursor.y * side) / UNITS];
      context.lineWidth = side / 90;
      context.strokeStyle = getComputedStyle(pad).getPropertyValue("--accent");
      context.beginPath();
      context.arc(...at, (stroke ? 0.3 : 0.65) * (PEN / SIDE) * side, 0, 7);
      context.stroke();
    }
    sheet.classList.toggle("keys", cursor.shown);
    invitation.hidden = now.length > 0;
  }

  function extend(x, y) {
    const inside = (value) => Math.round(Math.min(UNITS, Math.max(0, value)));
    const [lastX, lastY] = stroke.slice(-2);
    if (stroke.length && Math.hypot(x - lastX, y - lastY) < 4) return; // nearer points add nothing that could be seen
    stroke.push(inside(x), inside(y));
  }

  function penDown(x, y) {
    stroke = [];
    strokes.push(stroke);
    extend(x, y);
  }

  function undo() {
    if (strokes.length === 0) return;
    stroke = pointer = null;
    strokes.pop();
    changed(true);
  }

  function clear() {
    stroke = pointer = null;
    if (visible().length) strokes.push(null);
    changed(true);
  }

  // --- What the network answers ----------------------------------------------------------------------------------

  /** Read now if the pen is up, else once for each picture on the screen. */
  function changed(last) {
    redraw();
    cancelAnimationFrame(frame);
    if (last) answer(true);
    else frame = requestAnimationFrame(() => answer(false));
  }

  function answer(last) {
    const now = visible();
    if (now.length === 0) {
      showPicture([]);
      showShares([]);
      say("empty", "Draw something. The network reads along.");
      return;
    }
    try {
      const picture = seeDrawing(drawSheet(now)), shares = Array.from(readPicture(layers, picture));
      showPicture(picture);
      const best = showShares(shares);
      if (last) say("answered", ...sentence(names[best], shares[best]));
    } catch (error) {
      if (!last) return; // the beginning of a stroke
      showPicture([]);
      showShares([]);
      say("failed", error.message);
    }
  }

  function showPicture(picture) {
    const context = seen.getContext("2d"), pixels = context.createImageData(SEEN, SEEN);
    for (let at = 0; at < SEEN * SEEN; at++) {
      pixels.data.fill(picture[at] ?? 0, 4 * at, 4 * at + 3);
      pixels.data[4 * at + 3] = 255;
    }
    context.putImageData(pixels, 0, 0);
  }

  function say(state, ...words) {
    status.replaceChildren(...words);
    pad.dataset.state = state;
  }

  // --- Mouse, pen, finger ----------------------------------------------------------------------------------------

  function place(event) {
    const box = sheet.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * UNITS, ((event.clientY - box.top) / box.height) * UNITS];
  }

  sheet.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || pointer !== null) return;
    pointer = event.pointerId;
    sheet.setPointerCapture(pointer);
    sheet.focus({ preventScroll: true });
    cursor.shown = false;
    penDown(...place(event));
    changed(false);
  });
  sheet.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length ? all : [event]) extend(...place(one));
    changed(false);
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    sheet.addEventListener(kind, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = stroke = null;
      changed(true);
    });
  }
  // Older Safari scrolls in spite of touch-action.
  sheet.addEventListener("touchstart", (event) => event.preventDefault(), { passive: false });
  pad.querySelector(".undo").addEventListener("click", undo);
  pad.querySelector(".clear").addEventListener("click", clear);

  // --- Keyboard --------------------------------------------------------------------------------------------------

  const keys = {
    " ": () => {
      if (stroke) stroke = null;
      else penDown(cursor.x, cursor.y);
      changed(!stroke);
      if (stroke) status.textContent = "Pen down: the arrow keys draw.";
    },
    Backspace: undo,
    Delete: clear,
    Escape: clear,
  };

  sheet.addEventListener("keydown", (event) => {
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
      if (stroke) {
        extend(cursor.x, cursor.y);
        changed(false);
      }
    } else if (!event.repeat || command === undo) command();
    redraw();
  });
  sheet.addEventListener("focus", () => {
    cursor.shown = pointer === null && sheet.matches(":focus-visible");
    redraw();
  });
  sheet.addEventListener("blur", () => {
    if (stroke && pointer === null) { // a keyboard's pen does not stay down unseen
      stroke = null;
      changed(true);
    }
    cursor.shown = false;
    redraw();
  });

  // --- Size and theme --------------------------------------------------------------------------------------------

  function measure() {
    const side = Math.round(sheet.clientWidth * (window.devicePixelRatio || 1));
    if (side && sheet.width !== side) sheet.width = sheet.height = side;
    redraw();
  }
  new ResizeObserver(measure).observe(sheet);
  matchMedia("(prefers-color-scheme: dark)").addEventListener?.("change", redraw);
  measure();
  answer(true);
}

const network = JSON.parse(document.getElementById("network").textContent);
network.layers = unpackLayers(network.layers);
startPad(network);
