// The front end of DrawingPad: what is drawn, and what the network predicts.
//
// To the kernel:   {id, strokes: [[x, y, x, y, ...], ...]} with 0 to 1,000 along a side,
//                  {id, photo: "data:..."}, or {id} once the pad is empty.
// From the kernel: {id, image: 28 × 28 bytes as base64, shares: [...], hidden: a byte for each unit as base64 if there
//                  are any, isDigit, words if there are several digits, failed}; if it failed, words only.

const PAUSE = 60; // milliseconds between two answers while the pen is down

function render({ model, el }) {
  const ends = new AbortController(), { signal } = ends; // removes all listeners with the view
  const names = model.get("names");
  const { elements, status, show } = makePrediction(names, model.get("units"), model.get("unit"));
  const kernel = connect({ model, signal, answered, silent: () => say(NO_ANSWER, "silent") });
  const { pad, sheet } = makePhotoPad({
    el, id: `hw-pad-${kernel.id}`, signal, say, changed, right: elements, help: `${HELP}.`,
    title: "Drawing pad with the network’s prediction",
  });

  let wanted = null; // what to ask next: {last}, where last means that the pen is up
  let asked = null; // what was asked last
  let pause = null;

  function say(words, state) {
    status.replaceChildren(...[words].flat());
    if (state) pad.dataset.state = state;
  }

  function changed(last) {
    if (sheet.isEmpty()) {
      empty();
      kernel.send({});
      return;
    }
    wanted = { last: last || Boolean(wanted?.last) };
    if (last) pad.dataset.state = "waiting";
    if (!kernel.waiting() && (wanted.last || !pause)) ask();
  }

  function ask() {
    clearTimeout(pause);
    asked = wanted;
    pause = wanted = null;
    kernel.ask(contentOf(sheet));
  }

  function empty() {
    clearTimeout(pause);
    wanted = pause = null;
    kernel.forget();
    show();
    say("Draw something, or upload a photo of it.", "empty");
  }

  function answered({ image, shares, hidden, isDigit, words, failed }) {
    const best = asked.last || !failed ? show(bytesOf(image), shares, bytesOf(hidden)) : null;
    if (asked.last) say(words ?? sentence(names[best], shares[best], isDigit), failed ? "failed" : "answered");
    if (wanted?.last) ask();
    else pause = setTimeout(() => ((pause = null), wanted && ask()), PAUSE);
  }

  empty();
  return () => {
    ends.abort();
    clearTimeout(pause);
  };
}

export default { render };
