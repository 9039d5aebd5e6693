// Loaded into every Node process of VS Code's server (--require): writes down whom the process asks, by address or by name.
const childProcess = require("node:child_process");
const dgram = require("node:dgram");
const dns = require("node:dns");
const { appendFileSync } = require("node:fs");
const { syncBuiltinESMExports } = require("node:module");
const net = require("node:net");

const { NODE_OPTIONS, WATCHED_TO } = process.env;
const by = process.argv.includes("--type=extensionHost") ? "extension host" : "server";
const write = (whom) => appendFileSync(WATCHED_TO, `${JSON.stringify({ by, whom })}\n`);

/** Do something with the arguments of a method before it is called. */
function before(thing, name, look) {
  const real = thing[name];
  thing[name] = Object.assign(function (...args) {
    look(args);
    return Reflect.apply(real, this, args);
  }, real);
}

before(net.Socket.prototype, "connect", (args) => {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const options = typeof first === "object" ? first : { port: first, host: typeof second === "string" ? second : undefined };
  const local = options.path ?? (Number.isNaN(Number(options.port)) ? options.port : undefined);
  if (local === undefined) write(options.host ?? "localhost");
});
for (const asking of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
  const names = new Set([...Object.keys(asking), ...Object.getOwnPropertyNames(asking)]);
  for (const name of names) if (/^(lookup$|resolve|reverse$)/.test(name)) before(asking, name, ([whom]) => write(String(whom)));
}
for (const name of ["send", "connect"]) {
  before(dgram.Socket.prototype, name, (args) => write(args.slice(1).find((one) => typeof one === "string") ?? "localhost"));
}

// VS Code keeps NODE_OPTIONS from its extension host: it is given back here
for (const name of ["spawn", "fork"]) {
  before(childProcess, name, (args) => {
    const at = Array.isArray(args[1]) ? 2 : 1;
    args[at] = { ...args[at], env: { ...(args[at]?.env ?? process.env), NODE_OPTIONS, WATCHED_TO } };
  });
}
syncBuiltinESMExports();
