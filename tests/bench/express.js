// What Twilio's own samples do, in express: a menu by the library, and no check of who asks.
const cluster = require("node:cluster");
const express = require("express");
const { twiml } = require("twilio");

if (cluster.isPrimary) {
  for (let worker = 0; worker < 2; worker += 1) cluster.fork();
} else {
  const app = express();
  app.use(express.urlencoded({ extended: false }));
  app.post("/voice", (request, response) => {
    const document = new twiml.VoiceResponse();
    const gather = document.gather({ numDigits: 1, finishOnKey: "", timeout: 5, action: "/voice/nl/main/key" });
    gather.say("Balielijn mensenhandel. Is er nu gevaar? Hang op en bel één, één, twee.");
    for (let choice = 1; choice <= 8; choice += 1) gather.say({ voice: "Polly.Laura-Neural" }, `Kies ${choice}.`);
    document.redirect("/voice/nl/main?silences=1");
    response.type("text/xml").send(document.toString());
  });
  app.listen(Number(process.argv[2]), "127.0.0.1");
}
