'use strict';
// Loaded into Azurite by `node --require`. Time is what the tests say it is: the header `oracle-now-ms` of a request
// sets it, in milliseconds since 1970, before the request is looked at. Azurite has no timers that decide anything: it
// asks for the time once for each request, so a lease of 60 seconds runs out between two requests that say so.

const http = require('http');
const RealDate = Date;
let now = RealDate.now();

class TestDate extends RealDate {
  constructor(...parts) {
    super(...(parts.length > 0 ? parts : [now]));
  }

  static now() {
    return now;
  }
}
// `Date()` without `new` is a text, which a class alone cannot be.
globalThis.Date = new Proxy(TestDate, { apply: () => new TestDate().toString() });

const emit = http.Server.prototype.emit;
http.Server.prototype.emit = function (event, request, ...rest) {
  if (event === 'request') {
    this.keepAliveTimeout = 0; // the one connection of the tests stays open, however long they think between requests
    const told = Number(request.headers['oracle-now-ms']);
    if (Number.isFinite(told)) {
      now = told;
    }
  }
  return emit.call(this, event, request, ...rest);
};

// An ETag of Azurite is the time multiplied by a random factor, of which there are 30001. While time stands still two
// writes would now and then get the same one. So the factors come one after another, each once before any repeats.
const FACTORS = 30001;
let factor = 0;
Math.random = () => {
  factor = (factor + 11027) % FACTORS;
  return factor / FACTORS;
};

// The tests hold the other end of this pipe. When they are gone, however they ended, so is this process.
process.stdin.on('end', () => process.exit(0)).resume();
