// A sheet to draw on, by mouse, finger, pen or keyboard. It is part of the pads in notebooks and of an exported page.

const SIDE = 140, PEN = 10; // pixels of a drawing, and of its strokes' width: the same as in canvas.py
const UNITS = 1000; // what is counted along a side
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Make a canvas a sheet.
 *
 * pad, canvas, invitation: the element around it, which has --accent; the sheet; what is shown while it is empty.
 * undo, clear: buttons. signal: takes all listeners away. keys: further keys and what they do.
 * changed(last): what is drawn is another now; last means that the pen is up. say(words): how the keyboard's pen is.
 *
 * Gives visible(), isEmpty(), addPhoto({photo, picture, name}), forget() and redraw().
 */
function makeSheet({ pad, canvas, invitation, undo: undoButton, clear: clearButton, signal, keys: more, changed, say }) {
  let marks = []; // in order: strokes {points}, photos {photo, picture, name} and {blank: true}; undo takes the last
  const cursor = { x: UNITS / 2, y: UNITS / 2, shown: false };
  let pointer = null; // the finger, pen or mouse that draws
  let stroke = null; // the stroke that grows

  /** What counts now: the last photo if nothing was done since, else the strokes since the last photo or blank. */
  function visible() {
    if (marks.at(-1)?.photo) return { photo: marks.at(-1), strokes: [] };
    const last = marks.findLastIndex((mark) => !mark.points);
    return { photo: null, strokes: marks.slice(last + 1).map(({ points }) => points) };
  }

  function isEmpty() {
    const { photo, strokes } = visible();
    return !photo && strokes.length === 0;
  }

  // --- What is drawn -------------------------------------------------------------------------------------------

  function redraw() {
    const side = canvas.width, context = canvas.getContext("2d"), { photo, strokes } = visible();
    const colour = getComputedStyle(canvas).color, width = (PEN / SIDE) * side;
    context.clearRect(0, 0, side, side);
    Object.assign(context, { strokeStyle: colour, fillStyle: colour, lineCap: "round", lineJoin: "round" });
    context.lineWidth = width;
    for (const points of strokes) {
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
    if (photo?.picture) {
      const scale = side / Math.max(photo.picture.width, photo.picture.height);
      const size = [photo.picture.width * scale, photo.picture.height * scale];
      context.drawImage(photo.picture, (side - size[0]) / 2, (side - size[1]) / 2, ...size);
    } else if (photo) {
      Object.assign(context, { font: `${side / 18}px sans-serif`, textAlign: "center" });
      context.fillText(photo.name, side / 2, side / 2, 0.9 * side);
    }
    if (cursor.shown) {
      context.lineWidth = side / 90;
      context.strokeStyle = getComputedStyle(pad).getPropertyValue("--accent");
      context.beginPath();
      context.arc((cursor.x * side) / UNITS, (cursor.y * side) / UNITS, (stroke ? 0.3 : 0.65) * width, 0, 7);
      context.stroke();
    }
    canvas.toggleAttribute("data-keys", cursor.shown);
    invitation.hidden = !isEmpty();
  }

  function update(last) {
    redraw();
    changed(last);
  }

  function extend(x, y) {
    const { points } = stroke, inside = (value) => Math.round(Math.min(UNITS, Math.max(0, value)));
    const [lastX, lastY] = points.slice(-2);
    // Nearer points add nothing that could be seen, but length to the drawing.
    if (points.length && Math.hypot(x - lastX, y - lastY) < 4) return;
    points.push(inside(x), inside(y));
  }

  function penDown(x, y) {
    stroke = { points: [] };
    marks.push(stroke);
    extend(x, y);
  }

  function undo() {
    if (marks.length === 0) return;
    stroke = pointer = null;
    marks.pop();
    update(true);
  }

  function clear() {
    stroke = pointer = null;
    if (!isEmpty()) marks.push({ blank: true });
    update(true);
  }

  function addPhoto(photo) {
    stroke = pointer = null;
    marks.push(photo);
    update(true);
  }

  /** An empty sheet, with nothing to undo. */
  function forget() {
    stroke = pointer = null;
    marks = [];
    redraw();
  }

  // --- Mouse, pen, finger --------------------------------------------------------------------------------------

  const listen = (target, kind, act, options = {}) => target.addEventListener(kind, act, { signal, ...options });

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * UNITS, ((event.clientY - box.top) / box.height) * UNITS];
  }

  listen(canvas, "pointerdown", (event) => {
    if (event.button !== 0 || pointer !== null) return;
    pointer = event.pointerId;
    canvas.setPointerCapture(pointer);
    canvas.focus({ preventScroll: true });
    cursor.shown = false;
    penDown(...place(event));
    update(false);
  });
  listen(canvas, "pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const all = event.getCoalescedEvents?.() ?? [];
    for (const one of all.length ? all : [event]) extend(...place(one));
    update(false);
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    listen(canvas, kind, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = stroke = null;
      update(true);
    });
  }
  // Older Safari scrolls in spite of touch-action.
  listen(canvas, "touchstart", (event) => event.preventDefault(), { passive: false });
  listen(undoButton, "click", undo);
  listen(clearButton, "click", clear);

  // --- Keyboard ------------------------------------------------------------------------------------------------

  const keys = {
    " ": () => {
      if (stroke) stroke = null;
      else penDown(cursor.x, cursor.y);
      say(stroke ? "Pen down: the arrow keys draw." : "Pen up.");
      update(!stroke);
    },
    Backspace: undo,
    Delete: clear,
    Escape: clear,
    ...more,
  };

  listen(canvas, "keydown", (event) => {
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
  listen(canvas, "focus", () => {
    cursor.shown = pointer === null && canvas.matches(":focus-visible");
    redraw();
  });
  listen(canvas, "blur", () => {
    if (stroke && pointer === null) { // a keyboard's pen does not stay down unseen
      stroke = null;
      changed(true);
    }
    cursor.shown = false;
    redraw();
  });

  // --- Size ----------------------------------------------------------------------------------------------------

  const sizes = new ResizeObserver(() => {
    const side = Math.round(canvas.clientWidth * (window.devicePixelRatio || 1));
    if (side && canvas.width !== side) canvas.width = canvas.height = side;
    redraw();
  });
  sizes.observe(canvas);
  signal?.addEventListener("abort", () => sizes.disconnect());

  return { visible, isEmpty, addPhoto, forget, redraw };
}
