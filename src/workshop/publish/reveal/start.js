// Gives the parts of each slide a page to share, then hands over to reveal.js.
addEventListener("load", () => {
  for (const section of document.querySelectorAll(".slides section > section")) {
    const page = document.createElement("div"), img = section.querySelector("img");
    page.className = "page";
    if (img && img.naturalWidth < 1.5 * img.naturalHeight) page.classList.add("beside"); // there is room for text
    if (!img && !section.querySelector(".jp-CodeCell")) page.classList.add("words");
    page.append(...section.childNodes);
    section.append(page);
  }
  Reveal.initialize({
    plugins: [RevealNotes],
    width: 1280,
    height: 720,
    margin: 0,
    center: false,
    hash: true,
    transition: "none",
    slideNumber: "c/t",
    navigationMode: "linear", // → goes to the next slide, whether it stands beside this one or below
    scrollActivationWidth: 0,
    pdfSeparateFragments: false,
    defaultTiming: 0, // with it, the speaker's window shows how much time each slide has
  });
});
