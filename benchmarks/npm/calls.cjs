// The application whose turns are measured, with one of the libraries for Node; the argument tells which.
//
// It listens on PORT of this machine. On /echo it says back what the caller says; on /stream it streams an answer of
// many words.
'use strict';

const {createServer} = require('node:http');

const name = process.argv[2];
// The same functions under the same names; the newer one has them in a part of its own.
const {createEndpoint} = require(name === '@jambonz/sdk' ? '@jambonz/sdk/websocket' : name);

const server = createServer();
const makeService = createEndpoint({server});
const words = Array(2000).fill('kettles ');
const listening = {input: ['speech'], actionHook: '/heard', timeout: 15};

makeService({path: '/echo'}).on('session:new', (session) => {
  session.on('/heard', (evt) => {
    session.say({text: `You said: ${evt.speech.alternatives[0].transcript}`}).gather({...listening}).reply();
  });
  session.say({text: 'Say something.'}).gather({...listening}).send();
});

makeService({path: '/stream'}).on('session:new', (session) => {
  session.on('/heard', async() => {
    session.gather({...listening}).reply();
    for (const word of words) await session.sendTtsTokens(word);
    session.flushTtsTokens();
  });
  session.config({ttsStream: {enable: true}}).gather({...listening}).send();
});

server.listen(Number(process.env.PORT), '127.0.0.1', 1024);
