// What the pads in notebooks have in common: photos, and questions to the kernel. Nothing here needs an internet connection.

const SMALL_PHOTO = 1_500_000; // bytes; larger photos are made smaller before they are sent
const LARGEST_FILE = 5_000_000; // bytes of a file that this browser cannot open, but the kernel perhaps can
const TIMEOUT = 3000; // milliseconds until a pad says that the kernel does not answer
const NO_ANSWER =
  "The kernel does not respond. If another cell is running, wait until it is done. If not, run this pad’s cell again: " +
  "the pad is empty then.";

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

/** A pad, as makePad makes it, with a button to upload a photo; say(words, state) if the photo cannot be opened. */
function makePhotoPad({ signal, say, ...options }) {
  const file = make("input", { type: "file", accept: "image/*" });
  const upload = make("label", { class: "hw-pad-button" }, file, "Upload a photo");
  const made = makePad({ signal, say, buttons: [upload], ...options });
  bringIntoView(made.pad, signal);
  file.addEventListener("change", async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    const photo = await openPhoto(chosen);
    file.value = ""; // so that the same file can be chosen again
    if (photo.photo !== null) made.sheet.addPhoto(photo);
    else say(`${photo.name} cannot be opened by this browser. Save it as JPEG or PNG first.`, "failed");
  }, { signal });
  return made;
}

/** After Shift + Enter, JupyterLab shows the next cell: show the pad as well, once it has its size. Not after Run All. */
function bringIntoView(pad, signal) {
  const sizes = new ResizeObserver(() => {
    if (!pad.offsetHeight) return;
    sizes.disconnect();
    const cell = pad.closest(".jp-Cell"), active = document.querySelector(".jp-Cell.jp-mod-active");
    const show = () => pad.scrollIntoView({ block: "nearest" });
    if (cell && (active === cell || active === cell.nextElementSibling)) setTimeout(show, 200);
  });
  sizes.observe(pad);
  signal.addEventListener("abort", () => sizes.disconnect());
}

/** What is on a sheet, as the kernel takes it. */
function contentOf(sheet) {
  const { photo, strokes } = sheet.visible();
  return photo ? { photo: photo.photo } : { strokes };
}

/**
 * The connection of one view to the kernel, which all views of a pad share. A newer question replaces an older one.
 *
 * answered(reply): to the newest question, even if it comes late. silent(): no answer in time, or no connection.
 *
 * Gives id, which no other view has; ask(content, again), again if this is the last question, which had no answer yet;
 * waiting(), for an answer; forget(), the question; send(content), which is not a question.
 */
function connect({ model, signal, answered, silent }) {
  const id = Math.random().toString(36).slice(2);
  let count = 0, question = null, isWaiting = false, timer = null;

  function stop() {
    clearTimeout(timer);
    isWaiting = false;
  }

  function giveUp() {
    stop();
    silent();
  }

  function send(content) {
    try {
      model.send({ id: question ?? id, ...content });
    } catch {
      giveUp(); // the connection is closed
    }
  }

  function ask(content, again) {
    stop();
    if (!again) question = `${id}/${++count}`;
    isWaiting = true;
    timer = setTimeout(giveUp, TIMEOUT);
    send(content);
  }

  function forget() {
    stop();
    question = null;
  }

  function receive(reply) {
    if (!question || reply.id !== question) return; // for another view, or about what is no longer there
    forget();
    answered(reply);
  }

  model.on("msg:custom", receive);
  signal.addEventListener("abort", () => {
    model.off("msg:custom", receive);
    stop();
  });
  return { id, ask, send, forget, waiting: () => isWaiting };
}
