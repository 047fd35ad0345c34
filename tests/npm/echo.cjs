// The echo application, written with the library for Node: it says back what the caller says.
//
// It listens on a free port of this machine, and prints which.
'use strict';

const {createServer} = require('node:http');
const {createEndpoint} = require('@jambonz/node-client-ws');

const server = createServer();
const echo = createEndpoint({server})({path: '/echo'});

function listen(session, text) {
  return session.say({text}).gather({input: ['speech'], actionHook: '/transcript', timeout: 15});
}

echo.on('session:new', (session) => {
  session.on('/transcript', (evt) => {
    if (evt.reason === 'timeout') {
      session.say({text: 'Goodbye.'}).hangup().reply();
    } else {
      listen(session, `You said: ${evt.speech.alternatives[0].transcript}`).reply();
    }
  });
  listen(session, 'Say something.').send();
});

server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
