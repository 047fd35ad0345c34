// Judges lists of verbs by both published validators.
//
// Each line of the input is a JSON array of lists of verbs. The answer to it is one line: an array that holds, for each
// list, what the validator inside jambonz says and what the schema says: null, or the error.
'use strict';

const readline = require('node:readline');
const schema = require('@jambonz/schema');
const specifications = require('@jambonz/verb-specifications');

const silent = {info() {}, debug() {}, error() {}};

function verdict(validator, verbs) {
  try {
    // The schema's `format: uri` is not looked at: its validator is made without formats, as it is inside jambonz.
    validator.validate(silent, verbs);
    return null;
  } catch (error) {
    return String(error.message);
  }
}

readline.createInterface({input: process.stdin, crlfDelay: Infinity}).on('line', (line) => {
  const verdicts = JSON.parse(line).map((verbs) => [verdict(specifications, verbs), verdict(schema, verbs)]);
  process.stdout.write(`${JSON.stringify(verdicts)}\n`);
});
