// The front end of DrawingPad: what is drawn, and what the network answers.
//
// To the kernel:   {id, strokes: [[x, y, x, y, ...], ...]} with 0 to 1,000 along a side,
//                  {id, photo: "data:..."}, or {id} once the pad is empty.
// From the kernel: {id, image: 28 × 28 bytes as base64, shares: [...], words, failed}.

const PAUSE = 60; // milliseconds between two answers while the pen is down

/** Bars, one per class: the list, and what shows shares in it. */
function makeBars(names) {
  const rows = names.map((name) => {
    const fill = make("span", { class: "hw-pad-fill" });
    const share = make("span", { class: "hw-pad-share" });
    const label = make("span", { class: "hw-pad-name" }, isolated(name));
    return { fill, share, row: make("li", {}, label, make("span", { class: "hw-pad-track" }, fill), share) };
  });
  const bars = make("ul", { class: "hw-pad-bars", "aria-label": "How probable the network finds each class" });
  bars.append(...rows.map(({ row }) => row));
  bars.style.setProperty("--letters", Math.max(...names.map((name) => name.length)));
  const showShares = (shares) => {
    const best = Math.max(...shares);
    rows.forEach(({ row, fill, share }, place) => {
      const value = shares[place] ?? 0;
      fill.style.width = `${100 * value}%`;
      share.textContent = shares.length ? `${Math.round(100 * value)}\u00a0%` : "";
      row.classList.toggle("hw-pad-best", shares.length > 0 && value === best);
    });
    bars.classList.toggle("hw-pad-none", shares.length === 0);
    bars.setAttribute("aria-hidden", String(shares.length === 0));
  };
  return { bars, showShares };
}

function render({ model, el }) {
  const me = Math.random().toString(36).slice(2); // several views of one pad share a line to the kernel
  const ends = new AbortController(); // takes all listeners on the page away with the view
  const seen = make("canvas", {
    class: "hw-pad-seen", width: 28, height: 28, role: "img", "aria-label": "What the network sees: 28 by 28 pixels",
  });
  const status = make("p", { class: "hw-pad-status", role: "status" });
  const { bars, showShares } = makeBars(model.get("names"));
  const eye = make("div", { class: "hw-pad-eye" }, seen, make("span", { "aria-hidden": "true" }, "the network sees"));
  const { pad, sheet } = makePad({
    el, me, signal: ends.signal, say, changed, help: `${HELP}.`,
    title: "Drawing pad with the network’s answer",
    right: [make("div", { class: "hw-pad-answer" }, eye, status), bars],
  });

  function say(words, state) {
    status.textContent = words;
    if (state) pad.dataset.state = state;
  }

  function show({ image, shares }) {
    const context = seen.getContext("2d"), pixels = context.createImageData(28, 28);
    const bytes = atob(image);
    for (let place = 0; place < 784; place++) {
      pixels.data.fill(bytes.charCodeAt(place) || 0, 4 * place, 4 * place + 3);
      pixels.data[4 * place + 3] = 255;
    }
    context.putImageData(pixels, 0, 0);
    showShares(shares);
  }

  // --- Questions to the kernel, one at a time ------------------------------------------------------------------

  let count = 0;
  let open = null; // the question that waits for its answer: {id, last, silent}
  let wanted = null; // what to ask next: {last}, where last means that the pen is up
  let pause = null, patience = null;

  function changed(last) {
    if (!sheet.isEmpty()) return ask(last);
    empty();
    send({});
  }

  function ask(last) {
    wanted = { last: last || Boolean(wanted?.last) };
    if (last) pad.dataset.state = "waiting";
    if ((!open || open.silent) && (wanted.last || !pause)) post();
  }

  function post() {
    const { photo, strokes } = sheet.visible();
    clearTimeout(pause);
    clearTimeout(patience);
    open = { id: `${me}/${++count}`, last: wanted.last, silent: false };
    pause = wanted = null;
    patience = setTimeout(nobody, PATIENCE);
    send(photo ? { photo: photo.photo } : { strokes });
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

  model.on("msg:custom", answer);
  empty();
  return () => {
    model.off("msg:custom", answer);
    ends.abort();
    for (const timer of [pause, patience]) clearTimeout(timer);
  };
}

export default { render };
