// The front end of HandwritingCollector: draw, keep, and on to the next label.
//
// To the kernel:   {id, keep: label's number, strokes or photo}, or {id, back: true}.
// From the kernel: {id, words, kept, failed}; and by itself how often each label was kept.

function render({ model, el }) {
  const me = Math.random().toString(36).slice(2); // several views of one collector share a line to the kernel
  const ends = new AbortController();
  const names = model.get("names"), times = model.get("times");
  const prompt = make("p", { class: "hw-pad-prompt" });
  const status = make("p", { class: "hw-pad-said", role: "status" });
  const keepButton = makeButton("Keep it"), backButton = makeButton("Take back the last");
  keepButton.classList.add("hw-pad-main");
  const rows = names.map((name, place) => {
    const fill = make("span", { class: "hw-pad-fill" }), count = make("span", { class: "hw-pad-share" });
    const label = make("span", { class: "hw-pad-name" }, isolated(name));
    const row = make("button", { type: "button", class: "hw-pad-label" }, label,
      make("span", { class: "hw-pad-track", "aria-hidden": "true" }, fill), count);
    row.addEventListener("click", () => choose(place), { signal: ends.signal });
    return { row, fill, count };
  });
  const list = make("ul", { class: "hw-pad-bars", "aria-label": "What to draw" });
  list.append(...rows.map(({ row }) => make("li", {}, row)));
  list.style.setProperty("--letters", Math.max(...names.map((name) => name.length)));
  const { pad, sheet } = makePad({
    el, me, signal: ends.signal, say, changed, keys: { Enter: keep },
    help: `${HELP}, Enter keeps the drawing.`, title: "Drawing pad that collects drawings",
    right: [prompt, make("div", { class: "hw-pad-buttons" }, keepButton, backButton), status, list],
  });
  keepButton.addEventListener("click", keep, { signal: ends.signal });
  backButton.addEventListener("click", takeBack, { signal: ends.signal });

  let chosen = 0; // which label is drawn now
  let count = 0; // of questions to the kernel; the last one counts
  let open = false, patience = null;

  function say(words, state) {
    status.textContent = words;
    if (state) pad.dataset.state = state;
  }

  function changed() {
    if (!open) pad.dataset.state = sheet.isEmpty() ? "empty" : "drawn";
  }

  function choose(place) {
    chosen = place;
    show();
  }

  /** The label with the fewest drawings; of those with equally many, the next one in turn. */
  function next() {
    const counts = model.get("counts"), turn = (place) => (place - chosen - 1 + names.length) % names.length;
    return names.map((_, place) => place).sort((a, b) => counts[a] - counts[b] || turn(a) - turn(b))[0];
  }

  function show() {
    const counts = model.get("counts"), most = Math.max(times, ...counts);
    rows.forEach(({ row, fill, count: text }, place) => {
      row.setAttribute("aria-pressed", String(place === chosen));
      fill.style.width = `${(100 * counts[place]) / most}%`;
      text.textContent = `${counts[place]} of ${times}`;
    });
    prompt.replaceChildren("Draw: ", make("strong", {}, isolated(names[chosen])));
  }

  function send(content) {
    open = true;
    patience = setTimeout(nobody, PATIENCE);
    pad.dataset.state = "waiting";
    try {
      model.send({ id: `${me}/${++count}`, ...content });
    } catch {
      nobody(); // the line to the kernel is closed
    }
  }

  function keep() {
    if (open) return;
    if (sheet.isEmpty()) return say("Draw something first.", "empty");
    const { photo, strokes } = sheet.visible();
    send({ keep: chosen, ...(photo ? { photo: photo.photo } : { strokes }) });
  }

  function takeBack() {
    if (!open) send({ back: true });
  }

  function nobody() {
    clearTimeout(patience);
    open = false; // a late answer still counts
    say(NOBODY, "silent");
  }

  function answer(reply) {
    if (reply.id !== `${me}/${count}`) return; // for another view
    clearTimeout(patience);
    open = false;
    if (reply.kept) {
      sheet.forget();
      chosen = next();
    }
    show();
    changed();
    say(reply.words, reply.failed ? "failed" : null);
  }

  model.on("msg:custom", answer);
  model.on("change:counts", show);
  chosen = names.length - 1;
  chosen = next();
  show();
  say("Draw it, then press “Keep it”.", "empty");
  return () => {
    model.off("msg:custom", answer);
    model.off("change:counts", show);
    ends.abort();
    clearTimeout(patience);
  };
}

export default { render };
