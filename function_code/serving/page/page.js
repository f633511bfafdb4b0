"use strict";
// All text of a model, of its data and of its answers goes into the page as text, never as markup.
const TOKEN = "token", DRIVERS = 8, TOP = 5;
const HEADLINES = ["roc_auc", "r2", "accuracy", "log_loss", "rmse"];
const TASKS = { binary: "one of two classes", multiclass: "one of many classes", regression: "a number",
  recommendation: "items, by a history" };
const SOURCES = { kept: "By the history that is kept of this user.", none: "Without a history: what is popular." };
const $ = (id) => document.getElementById(id);
let main = null, model = null, fields = new Map(), busy = false;

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function show(value, more = {}) {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "number") return value;
  const size = Math.abs(value);
  if (size && (size < 1e-4 || size >= 1e15)) return (more.signDisplay && value > 0 ? "+" : "") + value.toExponential(3);
  return value.toLocaleString("en", { maximumSignificantDigits: 6, ...more });
}

const recommends = () => model.schema.task === "recommendation";
const verb = () => (recommends() ? "Recommend" : "Predict");
const percent = (share) => share.toLocaleString("en", { style: "percent", maximumFractionDigits: 1 });

class Failed extends Error {
  constructor(status, text, errors = []) {
    super(text);
    this.status = status;
    this.errors = errors;
  }
}

// The answer to a request; without a token first, since it may be the cloud's front that lets people in.
async function ask(path, body) {
  const token = sessionStorage.getItem(TOKEN);
  const options = { headers: token ? { authorization: `Bearer ${token}` } : {} };
  if (body) {
    options.method = "POST";
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Failed(0, "The endpoint cannot be reached.");
  }
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  const text = problem.detail || `The endpoint answers with status ${response.status}.`;
  if (response.status === 401 || response.status === 403) askForToken(token ? text : "");
  throw new Failed(response.status, text, problem.errors);
}

const json = async (path, body) => (await ask(path, body)).json();
const pathOf = (name) => `/v1/models/${name.split("/").map(encodeURIComponent).join("/")}`;
const address = (rest) => `${pathOf(model.name)}${rest}`;

function tell(text) {
  $("message").textContent = text;
  $("message").hidden = !text;
}

function askForToken(text) {
  sessionStorage.removeItem(TOKEN);
  $("forget").hidden = true;
  $("access").hidden = false;
  $("token").value = "";
  $("token").focus();
  tell(text);
}

function fail(error) {
  if (!(error instanceof Failed)) throw error;
  if (error.status !== 401 && error.status !== 403) tell(error.message);
}

async function start() {
  tell("");
  $("again").hidden = $("access").hidden = true;
  $("forget").hidden = !sessionStorage.getItem(TOKEN);
  try {
    const name = (await json("/openapi.json")).info.title;
    const described = await json(pathOf(name));
    // A token that ran out is no reason to lose what was typed in.
    if (main?.version === described.version) return;
    main = described;
    introduce(main);
  } catch (error) {
    fail(error);
    $("again").hidden = !$("access").hidden;
  }
}

// Shows the model that recommends in the place of the one of intent, or the other way round.
async function change() {
  tell("");
  try {
    introduce(model === main ? await json(pathOf(main.items)) : main);
    $("result").replaceChildren(make("p", { className: "soft" }, "The answer comes here."));
  } catch (error) {
    fail(error);
  }
}

function introduce(described) {
  model = described;
  $("other").hidden = !main.items;
  $("other").textContent = model === main ? "Recommend instead" : `Predict ${main.schema.target} instead`;
  const { schema, decision, metrics = {}, baseline = {}, dataset = {} } = model;
  document.title = $("title").textContent = `${verb()} ${schema.target}`;
  $("send").textContent = verb();
  $("synthetic").hidden = !dataset.synthetic;
  const names = Object.keys(metrics).filter((name) => typeof metrics[name] === "number");
  const headline = HEADLINES.find((name) => names.includes(name)) ?? names[0];
  const facts = [["Answer", TASKS[schema.task]], ["Model", model.name], ["Version", model.version]];
  if (decision) facts.push(["Positive class", String(decision.positive)]);
  if (dataset.rows) facts.push(["Rows in the data", show(dataset.rows)]);
  if (headline) facts.push([headline.replaceAll("_", " "), show(metrics[headline])]);
  $("facts").replaceChildren(...facts.map(([name, text]) =>
    make("div", {}, make("dt", { textContent: name }), make("dd", { textContent: text }))));
  $("metrics").hidden = !names.length;
  $("metrics").querySelector("tbody").replaceChildren(...names.map((name) => make("tr", {},
    make("th", { scope: "row", textContent: name.replaceAll("_", " ") }),
    ...[metrics, baseline].map((found) => make("td", {}, name in found ? show(found[name]) : "")))));
  const kept = model.histories?.user;
  const ids = schema.ids.map((name) => ({ name, kind: "id", nullable: true,
    hint: name === kept ? "whose history is looked up where none is given below" : "given back, not used" }));
  const columns = recommends() || schema.history ? ids : [...schema.features, ...ids];
  fields = new Map(columns.map((column, index) => [column.name, field(column, index)]));
  if (recommends()) {
    fields.set("history", items("history", "what the user took, the latest last", schema.classes, kept ? [] : [schema.classes[0]]));
    fields.set("exclude", items("exclude", "what is not to be recommended", schema.classes, []));
  } else if (schema.history) {
    const { classes, features: [when, ...amounts] } = schema.history.events, known = schema.history.features.items;
    const details = [["when", when], ...amounts.map((amount) => ["amount", amount])];
    const first = { item: classes[0], ...Object.fromEntries(details.map(([name, { example }]) => [name, example])) };
    fields.set("history", items("history", "what the user did, in any order", known, kept ? [] : [first], details));
    fields.set("at", field({ ...when, name: "at", nullable: true, hint: "the moment to look at; now without it" }, "at"));
  }
  if (schema.owned) fields.set(schema.owned, choices(schema.owned, schema.classes));
  $("fields").replaceChildren(...[...fields.values()].map((made) => made.element));
  document.querySelector("main").hidden = $("report").hidden = false;
}

// A field of the form: its element, its value for the request (undefined if there is none), and where to say what is
// wrong with it.
function field(column, index) {
  const id = `field-${index}`, { kind, nullable, example } = column;
  const control = kind === "boolean" ? make("select", { id })
    : kind === "text" ? make("textarea", { id, rows: 3 }) : make("input", { id, type: "text" });
  const hint = make("p", { id: `${id}-hint`, className: "hint", textContent: column.hint ?? "" });
  const more = [];
  if (kind === "boolean") {
    const words = nullable ? [["", "not known"], ["true", "yes"], ["false", "no"]] : [["true", "yes"], ["false", "no"]];
    control.append(...words.map(([value, textContent]) => make("option", { value, textContent })));
  } else if (kind === "number") {
    Object.assign(control, { type: "number", step: "any" });
  } else if (kind === "date") {
    const day = example == null || /^\d{4}-\d\d-\d\d$/.test(example);
    if (day) control.type = "date";
    else hint.textContent ||= "such as 2025-12-31T23:59:59Z";
  } else if (column.values?.length) {
    more.push(make("datalist", { id: `${id}-known` }, ...column.values.map((value) => make("option", { value }))));
    control.setAttribute("list", `${id}-known`);
    const some = column.values.slice(0, 4).join(", ");
    const known = `${some}${column.values.length > 4 ? ", …" : ""}`;
    hint.textContent = kind === "list" ? `any of ${known}, with ${column.form} between them` : `${known} or another`;
    control.addEventListener("focus", () => control.select());
  }
  control.value = example ?? "";
  control.required = !nullable;
  const read = () => {
    if (control.validity.badInput) throw new Failed(422, "", [{ field: column.name, problem: `a ${kind} is wanted` }]);
    if (control.value === "") return undefined;
    return { number: () => control.valueAsNumber, boolean: () => control.value === "true" }[kind]?.() ?? control.value;
  };
  const label = make("label", { htmlFor: id }, column.name, ...(nullable ? [make("small", {}, " optional")] : []));
  return fieldOf(make("div", {}, label, control, ...more), id, hint, control, read);
}

function choices(name, labels) {
  const boxes = labels.map(() => make("input", { type: "checkbox" }));
  const list = labels.map((label, index) => make("label", {}, boxes[index], ` ${label}`));
  const element = make("fieldset", {}, make("legend", {}, name, make("small", {}, " optional")),
    make("div", { className: "choices" }, ...list));
  const hint = make("p", { id: "owned-hint", className: "hint", textContent: "these will not be the answer" });
  const read = () => {
    const chosen = labels.filter((_, index) => boxes[index].checked);
    return chosen.length ? chosen : undefined;
  };
  return fieldOf(element, "owned", hint, element, read);
}

// A list of items to which one adds by typing or choosing, and from which one takes by a click; `details` are columns of
// which each item has a value, too, by their names in a request.
function items(name, text, known, chosen, details = []) {
  const id = `field-${name}`;
  const input = make("input", { id, type: "text" });
  input.setAttribute("list", `${id}-known`);
  const options = make("datalist", { id: `${id}-known` }, ...known.map((value) => make("option", { value })));
  const more = details.map(([key, { kind, example }]) => {
    const type = kind === "number" ? "number" : /^\d{4}-\d\d-\d\d$/.test(example) ? "date" : "text";
    const control = make("input", { type, ariaLabel: key, value: example });
    if (type === "number") control.step = "any";
    return { key, control, value: () => (type === "number" ? control.valueAsNumber : control.value) };
  });
  const list = make("ol", { className: "chosen" });
  const hint = make("p", { id: `${id}-hint`, className: "hint", textContent: text });
  const render = () => list.replaceChildren(...chosen.map((item, index) => {
    const shown = details.length ? Object.values(item).join(", ") : String(item);
    const remove = make("button", { type: "button", textContent: "Remove", ariaLabel: `Remove ${shown}` });
    remove.addEventListener("click", () => { chosen.splice(index, 1); render(); age(); });
    return make("li", {}, make("span", {}, shown), remove);
  }));
  const take = () => {
    const item = input.value.trim();
    if (!item) return;
    const given = more.map(({ key, value }) => [key, value()]).filter(([, value]) => value !== "" && value === value);
    chosen.push(details.length ? { item, ...Object.fromEntries(given) } : item);
    input.value = "";
    render();
    age();
  };
  const add = make("button", { type: "button", textContent: "Add" });
  add.addEventListener("click", () => { take(); input.focus(); });
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !input.value.trim()) return;
    event.preventDefault();
    take();
  });
  render();
  const label = make("label", { htmlFor: id }, name, make("small", {}, " optional"));
  const read = () => { take(); return chosen.length ? [...chosen] : undefined; };
  return fieldOf(make("div", {}, label, list, make("div", { className: "add" }, input, ...more.map(({ control }) => control), add), options), id, hint, input, read);
}

function fieldOf(element, id, hint, control, read) {
  const error = make("p", { id: `${id}-error`, className: "error", hidden: true });
  element.append(hint, error);
  control.setAttribute("aria-describedby", `${hint.id} ${error.id}`);
  const complain = (text) => {
    error.textContent = text;
    error.hidden = !text;
    control.setAttribute("aria-invalid", String(Boolean(text)));
  };
  return { element, control, read, complain };
}

// Marks the answer as one to what the form said before.
function age() {
  $("result").classList.add("stale");
}

async function predict(event) {
  event.preventDefault();
  if (busy) return;
  busy = true;
  $("send").textContent = `${verb()}ing …`;
  tell("");
  for (const made of fields.values()) made.complain("");
  try {
    const pairs = [...fields].map(([name, made]) => [name, made.read()]).filter(([, value]) => value !== undefined);
    const instance = Object.fromEntries(pairs), body = { instances: [instance] };
    const query = recommends() ? "?because=true&unseen=true" : model.schema.classes.length ? `?top=${TOP}` : "";
    const answer = await json(address(`:predict${query}`), body);
    // Not every model can be explained, and the answer stands without it.
    const reasons = recommends() ? null : await json(address(":explain?unseen=true"), body).catch(() => null);
    const same = reasons?.model_version === answer.model_version;
    $("result").replaceChildren(...answerOf(answer), ...(same ? reasonsOf(reasons.explanations[0], pairs) : []));
    $("result").classList.remove("stale");
    $("result").scrollIntoView({ block: "nearest" });
  } catch (error) {
    complain(error);
  } finally {
    busy = false;
    $("send").textContent = verb();
  }
}

function complain(error) {
  fail(error);
  const placed = error.errors.filter(({ field }) => fields.has(field));
  const rest = error.errors.filter(({ field }) => !fields.has(field));
  for (const { field, problem } of placed) fields.get(field).complain(problem);
  const others = rest.map(({ field, problem }) => (field ? `${field}: ${problem}` : problem));
  if (others.length) tell(`${error.message}: ${others.join("; ")}`);
  else if (placed.length) tell(placed.length > 1 ? `${placed.length} values need a look.` : "One value needs a look.");
  if (placed.length) fields.get(placed[0].field).control.focus();
}

function row(name, text, share, sides = "") {
  const bar = make("i", { className: sides && share < 0 ? "against" : "" });
  bar.style.width = `${Math.abs(share) * (sides ? 50 : 100)}%`;
  const frame = make("span", { className: `bar ${sides}`, ariaHidden: "true" }, bar);
  return make("li", {}, make("span", {}, name), make("span", {}, text), frame);
}

function recommendedOf({ items: best, unseen, history }) {
  const shown = best.map(({ item, score, because }) =>
    make("li", {}, make("span", {}, String(item)), make("span", { className: "soft" }, show(score, { maximumSignificantDigits: 3 })),
      make("span", { className: "soft" }, because === null ? "popular" : `because of ${because}`)));
  const empty = best.length ? [] : [make("p", { className: "answer" }, "nothing is left to recommend")];
  const guess = unseen.length ? [make("p", { className: "soft" }, `Training never saw ${unseen.join(", ")}.`)] : [];
  const source = SOURCES[history] ? [make("p", { className: "soft" }, SOURCES[history])] : [];
  return [make("p", { className: "soft" }, model.schema.target), ...source, ...empty,
    make("ol", { className: "items" }, ...shown), ...guess];
}

function answerOf({ predictions: [prediction], model_version: version }) {
  if (recommends()) return recommendedOf(prediction);
  const { label, value, probabilities } = prediction;
  const answer = probabilities ? label ?? "nothing is left to answer" : show(value);
  const target = make("p", { className: "soft" }, model.schema.target);
  const parts = [target, make("p", { className: "answer" }, String(answer))];
  if (probabilities) {
    const sorted = Object.entries(probabilities).sort((one, other) => other[1] - one[1]);
    parts.push(make("h2", {}, "Probabilities"));
    parts.push(make("ol", {}, ...sorted.map(([name, share]) => row(name, percent(share), share))));
  }
  if (version !== model.version) parts.push(make("p", { className: "soft" }, `answered by version ${version}`));
  return parts;
}

function reasonsOf({ contributions, base, score, scale, class: explained, unseen }, pairs) {
  const values = new Map(pairs);
  const sorted = Object.entries(contributions).filter(([, part]) => part)
    .sort((one, other) => Math.abs(other[1]) - Math.abs(one[1]));
  if (!sorted.length) return [];
  const largest = Math.abs(sorted[0][1]), style = { maximumSignificantDigits: 3, signDisplay: "always" };
  const signed = (part) => show(part, style);
  const text = (name) =>
    model.schema.history ? name : `${name}: ${values.has(name) ? show(values.get(name)) : "missing"}`;
  const lines = sorted.slice(0, DRIVERS).map(([name, part]) =>
    row(text(name), signed(part), part / largest, "sides"));
  const others = sorted.slice(DRIVERS), sum = others.reduce((before, [, part]) => before + part, 0);
  const rest = others.length ? `, ${others.length} more add ${signed(sum)}` : "";
  const whose = scale === "value" || explained == null ? scale : `${scale} of ${explained}`;
  const soft = (text) => make("p", { className: "soft" }, text);
  const guess = unseen.length ? [soft(`Training never saw such a value of ${unseen.join(", ")}.`)] : [];
  return [make("h2", {}, "What drove it"), soft(`Added to the ${whose}`),
    make("ol", {}, ...lines), soft(`Starting from ${show(base)}${rest}, in sum ${show(score)}`), ...guess];
}

async function openReport() {
  tell("");
  // Opened before the request: a browser lets a tab be opened only right after a click.
  const tab = window.open("", "_blank");
  try {
    const report = await (await ask(address("/report"))).blob();
    if (tab) tab.location = URL.createObjectURL(report);
    else tell("The browser did not let a new tab be opened for the report.");
  } catch (error) {
    tab?.close();
    fail(error);
  }
}

$("access").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(TOKEN, $("token").value);
  start();
});
$("form").addEventListener("submit", predict);
$("form").addEventListener("input", age);
$("report").addEventListener("click", openReport);
$("again").addEventListener("click", start);
$("other").addEventListener("click", change);
$("forget").addEventListener("click", () => {
  sessionStorage.removeItem(TOKEN);
  location.reload();
});
start();
