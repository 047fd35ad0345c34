// Says what the library for Node makes of application variables.
//
// The input is a JSON array of questions: the path of an app.json, the path of a service, and the variables of a call.
// The output is an array of answers: what is wrong with the file, its definitions for the path, and the variables
// completed with defaults.
'use strict';

const fs = require('node:fs');

// The library prints a line when it is loaded.
console.log = () => {};
const {getAppConfig, mergeEnvVarsWithDefaults, validateAppConfig} = require('@jambonz/node-client-ws');

const questions = JSON.parse(fs.readFileSync(0, 'utf8'));
const answers = questions.map(({file, path, received}) => {
  const appJson = JSON.parse(fs.readFileSync(file, 'utf8'));
  const {config, error} = getAppConfig({urlPath: path, appJsonPath: file});
  return {
    faults: validateAppConfig(appJson).errors,
    config: error ? null : config,
    merged: error ? null : mergeEnvVarsWithDefaults(received, path, appJson)
  };
});
process.stdout.write(JSON.stringify(answers));
