"""What can be seen to be wrong with a page: scripts that a test runs in it. Each returns texts."""

NOT_WHOLE = """() => {
  const found = [];
  const width = document.documentElement.scrollWidth;
  if (width > document.documentElement.clientWidth) found.push(`the page is ${width} pixels wide`);
  const unseen = ".hidden-visually, [hidden], noscript, svg, audio, .nl-skip-link, option";
  const free = "code, del, ins, textarea, .log";  // where any place is good for a break
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const parent = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || parent.closest(unseen) || !parent.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(texts.currentNode);
    const { left, right } = range.getBoundingClientRect();
    const scrolls = parent.closest(".scrolls, .log");
    if (!scrolls && (left < -1 || right > document.documentElement.clientWidth + 1))
      found.push(`outside of the page: ${texts.currentNode.data.trim()}`);
    if (parent.closest(free)) continue;
    for (const word of texts.currentNode.data.matchAll(/\\p{L}+/gu)) {
      range.setStart(texts.currentNode, word.index);
      range.setEnd(texts.currentNode, word.index + word[0].length);
      if (new Set([...range.getClientRects()].map((each) => Math.round(each.top))).size > 1)
        found.push(`cut in two: ${word[0]}`);
    }
  }
  const stacked = innerWidth <= 480 ? document.querySelectorAll(".stacks") : [];
  for (const each of stacked) {
    if (!each.checkVisibility()) continue;
    const box = each.parentElement;
    if (box.scrollWidth > box.clientWidth + 1) found.push(`scrolls: ${each.innerText.slice(0, 60)}`);
    for (const cell of each.querySelectorAll("tbody th, tbody td"))
      if (cell.scrollHeight > cell.clientHeight + 1) found.push(`covers the next: ${cell.innerText}`);
  }
  const pen = document.createElement("canvas").getContext("2d");
  for (const each of document.querySelectorAll("select")) {
    if (!each.checkVisibility() || each.selectedIndex < 0) continue;
    const style = getComputedStyle(each);
    pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const shown = each.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    const { text, value } = each.options[each.selectedIndex];
    const name = /^[0-9]+$/.test(value);  // of a contact: as long as somebody has made it
    if (!name && pen.measureText(text).width > shown) found.push(`does not fit: ${text}`);
  }
  return found;
}"""
"""Words on two lines or out of the page, tables that do not stack, choices cut off, a page too wide."""

UNRECOGNISABLE = """() => {
  const found = [];
  const told = (element) => element.outerHTML.slice(0, 120);
  const lined = (style, side) =>
    style[`border${side}Style`] !== "none" && parseFloat(style[`border${side}Width`]) > 0;
  const boxed = (style) => ["Top", "Right", "Bottom", "Left"].every((side) => lined(style, side));
  const plain = getComputedStyle(document.body).color;
  for (const each of document.querySelectorAll("button, input, select, textarea, a[href], summary")) {
    if (!each.checkVisibility() || each.closest(".nl-skip-link") || each.type === "hidden") continue;
    const style = getComputedStyle(each);
    const native = each.matches("summary, [type=checkbox], [type=file]");
    const underlined = style.textDecorationLine.includes("underline") || style.color !== plain;
    if (!boxed(style) && !native && !underlined) found.push(`looks like text: ${told(each)}`);
  }
  for (const each of document.querySelectorAll(".utrecht-alert, .finding, .warned, [aria-invalid]")) {
    const style = getComputedStyle(each);
    if (each.checkVisibility() && !lined(style, "Left")) found.push(`has no line: ${told(each)}`);
  }
  for (const each of document.querySelectorAll(".key")) {
    const off = each.disabled || each.getAttribute("aria-disabled") === "true";
    const other = document.querySelector(".pad > .nl-button:not([hidden])");
    const looksOn = getComputedStyle(each).color === getComputedStyle(other).color;
    if (off === looksOn) found.push(`on or off? ${told(each)}`);
  }
  for (const each of document.querySelectorAll("nav [aria-current], .plain [aria-current]")) {
    const other = each.closest("ul").querySelector("a:not([aria-current])");
    if (other && getComputedStyle(each).fontWeight === getComputedStyle(other).fontWeight)
      found.push(`this page or another? ${told(each)}`);
  }
  return found;
}"""
"""Controls, errors and states that cannot be told apart where the system has chosen the colours."""

WATCH_FOCUS = """() => {
  const look = (element) => {
    const style = getComputedStyle(element);
    const outline = style.outlineStyle === "none" ? "" : style.outlineWidth + style.outlineColor;
    return [outline, style.backgroundColor, style.borderColor, style.boxShadow, style.color].join();
  };
  const controls = "a[href], button, input, select, textarea, summary, audio[controls], [tabindex]";
  const can = [...document.querySelectorAll(controls)].filter(
    (each) => each.tabIndex >= 0 && !each.disabled && each.checkVisibility({ visibilityProperty: true }));
  const before = new Map(can.map((each) => [each, look(each)]));
  window.stops = [];
  document.activeElement.blur();
  document.addEventListener("focusin", (event) => {
    const seen = event.target.matches("audio") || look(event.target) !== before.get(event.target);
    window.stops.push([event.target, seen]);
  });
  window.expected = can;
  return can.length + 2 + 8 * can.filter((each) => each.matches("audio, [type^=date]")).length;
}"""
"""Begins to remember what the focus comes to. Returns how often Tab must be pressed to come to everything."""

FOCUS = """() => {
  const told = (element) => element.outerHTML.slice(0, 120);
  const reached = new Set(window.stops.map(([element]) => element));
  return [
    ...window.expected.filter((each) => !reached.has(each)).map((each) => `not reached: ${told(each)}`),
    ...window.stops.filter(([, seen]) => !seen).map(([each]) => `focus not seen: ${told(each)}`),
  ];
}"""
"""What the keyboard did not reach, and where the focus could not be seen, since WATCH_FOCUS."""
