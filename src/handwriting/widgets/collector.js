// The front end of HandwritingCollector: draw, keep, and on to the next label.
//
// To the kernel:   {id, keep: label's number, strokes or photo}, or {id, back: true}.
// From the kernel: {id, words, failed, kept: true if it was}; and by itself how often each label was kept.

function render({ model, el }) {
  const ends = new AbortController(), { signal } = ends; // removes all listeners with the view
  const names = model.get("names"), times = model.get("times");
  const prompt = make("p", { class: "hw-pad-prompt" });
  const status = make("p", { class: "hw-pad-said", role: "status" });
  const keepButton = makeButton("Keep it"), backButton = makeButton("Delete the last one");
  const bars = names.map(makeBar);
  const labels = bars.map(({ parts }) => make("button", { type: "button", class: "hw-pad-label" }, ...parts));
  const list = makeList("What to draw", labels.map((label) => make("li", {}, label)));
  const kernel = connect({ model, signal, answered, silent: () => say(NO_ANSWER, "silent") });
  const { pad, sheet } = makePhotoPad({
    el, id: `hw-pad-${kernel.id}`, signal, say, changed, keys: { Enter: keep },
    help: `${HELP}, Enter keeps the drawing.`, title: "Drawing pad that collects drawings",
    right: [prompt, make("div", { class: "hw-pad-buttons" }, keepButton, backButton), status, list],
  });

  let chosen = names.length - 1; // which label is drawn now
  let asked = null; // what the kernel was asked to keep, and has not answered

  function say(words, state) {
    status.textContent = words;
    if (state) pad.dataset.state = state;
  }

  function changed() {
    if (!kernel.waiting()) pad.dataset.state = sheet.isEmpty() ? "empty" : "drawn";
  }

  /** The label with the fewest drawings; of those with equally many, the next one in turn. */
  function next() {
    const counts = model.get("counts"), turn = (place) => (place - chosen - 1 + names.length) % names.length;
    return names.map((_, place) => place).sort((a, b) => counts[a] - counts[b] || turn(a) - turn(b))[0];
  }

  function choose(place) {
    chosen = place;
    show();
  }

  function show() {
    const counts = model.get("counts"), most = Math.max(times, ...counts);
    labels.forEach((label, place) => {
      label.setAttribute("aria-pressed", String(place === chosen));
      bars[place].draw(counts[place] / most, `${counts[place]} of ${times}`);
    });
    prompt.replaceChildren("Draw: ", make("strong", {}, isolated(names[chosen])));
  }

  function ask(content) {
    const before = asked;
    asked = JSON.stringify(content);
    pad.dataset.state = "waiting";
    kernel.ask(content, asked === before);
  }

  /** What to ask, to keep what is drawn now. */
  function drawn() {
    return { keep: chosen, ...contentOf(sheet) };
  }

  function keep() {
    if (kernel.waiting()) return;
    if (sheet.isEmpty()) say("Draw something first.", "empty");
    else ask(drawn());
  }

  function takeBack() {
    if (!kernel.waiting()) ask({ back: true });
  }

  function answered({ words, kept, failed }) {
    if (kept && asked === JSON.stringify(drawn())) { // not if the answer came late, and something else is drawn now
      sheet.forget();
      chosen = next();
    }
    asked = null;
    show();
    changed();
    say(words, failed ? "failed" : null);
  }

  labels.forEach((label, place) => label.addEventListener("click", () => choose(place), { signal }));
  keepButton.classList.add("hw-pad-main");
  keepButton.addEventListener("click", keep, { signal });
  backButton.addEventListener("click", takeBack, { signal });
  model.on("change:counts", show);
  choose(next());
  say("Draw it, then press “Keep it”.", "empty");
  return () => {
    model.off("change:counts", show);
    ends.abort();
  };
}

export default { render };
