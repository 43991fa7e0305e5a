// The desk phone: plays what the line says, takes keys at any moment, and sends each act to the server, which plays
// the whole call again. Without this script the same page works by its forms.

const phone = document.querySelector("[data-phone]");
const find = (name) => phone.querySelector(`[data-${name}]`);
const audio = find("audio");
const pad = find("pad");
const log = find("log");
const question = find("question");
const settings = document.getElementById("begin");
const calm = document.getElementById("calm");
const CHARACTERS_A_SECOND = 14; // where a sound cannot be played

const call = {
  waits: phone.dataset.waits, // idle, key, far-end or over
  seconds: Number(phone.dataset.seconds),
  script: phone.dataset.script,
  fixed: new URLSearchParams(new FormData(pad.closest("form"))), // municipality, moment and source of the call
  speech: 0, // counts what is played, so that what was stopped has no effect
  speaking: false,
  began: 0,
};
const acts = [];
let busy = false;
let silence = 0;
let clock = 0;

function fits(act) {
  if (act === "") return call.waits === "idle" || call.waits === "over";
  if (act === "h") return call.waits === "key" || call.waits === "far-end";
  return call.waits === (/^[0-9*#-]$/.test(act) ? "key" : "far-end");
}

function act(sign) {
  stop();
  acts.push(sign);
  if (!busy) send();
}

async function send() {
  busy = true;
  while (acts.length) {
    const sign = acts.shift();
    if (!fits(sign)) continue;
    if (sign === "") begin();
    const url = new URL(phone.dataset.step, location.href);
    url.search = call.fixed;
    url.searchParams.set("keuzes", call.script + sign);
    try {
      const response = await fetch(url);
      if (!response.ok) throw new Error(response.status);
      take(await response.text());
    } catch {
      acts.length = 0;
      fail();
    }
  }
  busy = false;
  if (call.waits === "key" || call.waits === "over") speak(fresh());
}

function begin() {
  call.script = "";
  call.fixed = new URLSearchParams(new FormData(settings));
  call.began = Date.now();
  log.replaceChildren();
  find("empty").hidden = true;
  find("trouble").textContent = "";
}

function take(text) {
  const step = new DOMParser().parseFromString(text, "text/html").querySelector("[data-waits]");
  call.waits = step.dataset.waits;
  call.seconds = Number(step.dataset.seconds);
  call.script = step.dataset.script;
  call.fixed.set("moment", step.dataset.moment);
  find("number").textContent = step.dataset.number;
  find("name").textContent = step.dataset.name;
  age();
  log.append(...step.querySelector("ol").children);
  log.parentElement.scrollTop = log.parentElement.scrollHeight;
  question.replaceChildren(...step.querySelector("[data-question]").children);
  show();
  move();
}

function age() {
  for (const old of log.querySelectorAll("[data-new]")) delete old.dataset.new;
}

function fail() {
  call.waits = "over";
  age();
  question.replaceChildren();
  find("trouble").textContent = find("trouble").dataset.failed;
  show();
  move();
}

// What is said to the caller after the last act.
const fresh = () => [...log.querySelectorAll(".said-line[data-new]")];

async function speak(said) {
  const speech = ++call.speech;
  call.speaking = said.length > 0;
  show();
  for (const each of said) {
    mark(each);
    await play(each, speech);
    if (speech !== call.speech) return;
  }
  mark(null);
  call.speaking = false;
  show();
  wait();
}

// Resolves when a phrase has been said. When it was stopped it may never resolve, or resolve late.
async function play(each, speech) {
  audio.src = each.dataset.sound;
  try {
    const ended = new Promise((resolve, reject) => {
      audio.onended = resolve;
      audio.onerror = reject;
    });
    await Promise.all([audio.play(), ended]);
  } catch {
    if (speech !== call.speech) return;
    find("trouble").textContent = find("trouble").dataset.silent;
    const text = each.querySelector(".said-text").textContent;
    await new Promise((resolve) => setTimeout(resolve, (1000 * text.length) / CHARACTERS_A_SECOND));
  }
}

function stop() {
  clearTimeout(silence);
  call.speech += 1;
  call.speaking = false;
  audio.pause();
  mark(null);
}

// The line's limit of silence, unless the user takes it easy.
function wait() {
  clearTimeout(silence);
  if (call.waits !== "key" || call.speaking || busy || calm.checked) return;
  silence = setTimeout(() => act("-"), 1000 * call.seconds);
}

function mark(said) {
  for (const old of log.querySelectorAll("[data-speaking]")) delete old.dataset.speaking;
  const caption = find("caption");
  caption.hidden = !said;
  if (!said) return;
  said.dataset.speaking = "";
  caption.textContent = said.querySelector(".said-text").textContent;
  const box = log.parentElement;
  box.scrollTop += said.getBoundingClientRect().bottom - box.getBoundingClientRect().bottom + 8;
}

function show() {
  const on = call.waits === "key" || call.waits === "far-end";
  const state = find("state");
  state.textContent = state.dataset[call.speaking ? "speaking" : call.waits === "far-end" ? "farEnd" : call.waits];
  for (const key of pad.querySelectorAll(".key")) {
    if (call.waits === "key") key.removeAttribute("aria-disabled");
    else key.setAttribute("aria-disabled", "true");
  }
  pad.querySelector(".pad-silence").hidden = call.waits !== "key";
  pad.querySelector(".pad-end").hidden = !on && !call.speaking;
  pad.querySelector(".pad-begin").hidden = on || call.speaking;
  tick();
  clearInterval(clock);
  if (on) clock = setInterval(tick, 1000);
}

function tick() {
  const timer = find("timer");
  timer.hidden = !call.began;
  const past = Math.floor((Date.now() - call.began) / 1000);
  timer.textContent = [past / 60, past % 60].map((each) => String(Math.floor(each)).padStart(2, "0")).join(":");
}

// Who uses the phone stays where the next thing is asked; who is elsewhere on the page stays there.
function move() {
  const now = document.activeElement;
  if (now !== document.body && !document.getElementById("telephone").contains(now)) return;
  if (call.waits === "far-end") question.querySelector(".rung").focus();
  else if (call.waits === "over") pad.querySelector(".pad-begin").focus();
  else if (!pad.contains(now) || now.hidden || now.classList.contains("pad-begin")) pad.focus();
}

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target === settings && !button?.dataset.act) {
    event.preventDefault();
    act("");
    return;
  }
  if (!button || button.dataset.act === undefined || !phone.contains(button)) return;
  event.preventDefault();
  if (button.dataset.act === "h" && call.waits === "over") {
    stop();
    show();
    move();
  } else if (!button.matches("[aria-disabled=true]")) act(button.dataset.act);
});

pad.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || !/^[0-9*#]$/.test(event.key)) return;
  event.preventDefault();
  if (call.waits === "key" || busy) act(event.key);
});

phone.addEventListener("click", (event) => {
  const said = event.target.closest("[data-listen]")?.closest("[data-sound]");
  if (!said) return;
  stop();
  const speech = ++call.speech;
  play(said, speech).then(() => speech === call.speech && wait());
});

calm.addEventListener("change", () => (calm.checked ? clearTimeout(silence) : wait()));

for (const each of phone.querySelectorAll("[data-with-script], [data-listen]")) each.hidden = false;
pad.setAttribute("aria-describedby", "pad-hint"); // what it says of the digits is true with this script only
for (const each of pad.querySelectorAll(".key")) each.disabled = false; // focus stays on a key that cannot be pressed now
if (call.waits !== "idle") {
  calm.checked = true; // the call was begun without this script: nothing goes on by itself
  call.began = Date.now();
}
show();
