// Points to classify: clicking, the regions of the decisions, and the plane as two hidden units see it.

import {ask, attempt, onRenewal, onShow, Watch} from './page.js';
import {COLOURS, bytes, curve, floats, mark, pale, pen} from './plot.js';
import {Controls, NetEditor} from './net.js';

const REACH = 6;
const MOST = 2000;
const root = document.getElementById('classify');
const plane = root.querySelector('.plane');
const hidden = root.querySelector('.hidden-space');
const choose = name => root.querySelector(name);

const PRESET = `layer_defs = [];
layer_defs.push({type:'input', out_sx:1, out_sy:1, out_depth:2});
layer_defs.push({type:'fc', num_neurons:6, activation:'tanh'});
layer_defs.push({type:'fc', num_neurons:2, activation:'tanh'});
layer_defs.push({type:'softmax', num_classes:2});

net = new convnetjs.Net();
net.makeLayers(layer_defs);

trainer = new convnetjs.SGDTrainer(net, {learning_rate:0.01,
  momentum:0.1, batch_size:10, l2_decay:0.001});
`;

let points = [];
let frame = null;
let layers = [];
let cursor = null;

// ---- data ----

const uniform = (a, b) => a + (b - a) * Math.random();
const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());

const DATA = {
    circle: () => make(200, i => {
        const angle = uniform(0, 2 * Math.PI);
        const radius = i % 2 ? uniform(3, 5) : uniform(0, 2);
        return [radius * Math.sin(angle), radius * Math.cos(angle), i % 2];
    }),
    spiral: () => make(200, i => {
        const share = Math.floor(i / 2) / 100;
        const angle = 1.25 * share * 2 * Math.PI + (i % 2) * Math.PI;
        const radius = 0.3 + 4.7 * share;
        return [radius * Math.sin(angle) + uniform(-0.1, 0.1), radius * Math.cos(angle) + uniform(-0.1, 0.1), i % 2];
    }),
    simple: () => make(80, i => [(i % 2 ? 2.2 : -2.2) + normal(), (i % 2 ? 1.6 : -1.6) + normal(), i % 2]),
    random: () => make(40, i => [uniform(-4.5, 4.5), uniform(-4.5, 4.5), i % 2]),
    moons: () => make(200, i => {
        const angle = uniform(0, Math.PI);
        const noise = () => 0.35 * normal();
        return i % 2 ? [1.7 - 3.2 * Math.cos(angle) + noise(), 0.9 - 3.2 * Math.sin(angle) + noise(), 1]
            : [-1.7 + 3.2 * Math.cos(angle) + noise(), -0.9 + 3.2 * Math.sin(angle) + noise(), 0];
    }),
};

function make(count, point) {
    const within = v => Math.max(-REACH, Math.min(REACH, v));
    return Array.from({length: count}, (_, i) => point(i)).map(([x, y, kind]) => [within(x), within(y), kind]);
}

function setPoints(next) {
    points = next;
    draw();
    return attempt(() => ask('classify', 'points', {points})).then(() => watch.poke());
}

// ---- the page and the server ----

const watch = new Watch(async () => {
    frame = await ask('classify', 'frame', {layer: choose('.layer').value || undefined,
        across: Number(choose('.across').value) || 0, up: Number(choose('.up').value) || 0});
    controls.show(frame.running);
    draw();
    choose('.wrong-run').textContent = frame.trouble;
    choose('.wrong-run').hidden = !frame.trouble;
    return frame.running && !root.hidden;
}, 60);

const editor = new NetEditor('classify', root, PRESET, net => {
    layers = net.hidden;
    const list = choose('.layer');
    const before = list.value;
    list.replaceChildren(...layers.map((layer, i) => new Option(`layer ${i + 1} (${layer.units})`, layer.name)));
    list.value = layers.some(layer => layer.name === before) ? before : layers.at(-1)?.name ?? '';
    chooseUnits();
    watch.poke();
});
const controls = new Controls('classify', root, editor, watch);

function chooseUnits() {
    const units = layers.find(layer => layer.name === choose('.layer').value)?.units ?? 0;
    for (const [name, usual] of [['.across', 0], ['.up', 1]]) {
        const list = choose(name);
        const before = list.value;
        list.replaceChildren(...Array.from({length: units}, (_, i) => new Option(`unit ${i + 1}`, i)));
        list.value = before !== '' && Number(before) < units && units > 1 ? before : Math.min(usual, Math.max(0, units - 1));
    }
}

choose('.layer').addEventListener('change', () => { chooseUnits(); watch.poke(); });
choose('.across').addEventListener('change', () => watch.poke());
choose('.up').addEventListener('change', () => watch.poke());
root.querySelectorAll('[data-set]').forEach(button => button.addEventListener('click', () => setPoints(DATA[button.dataset.set]())));
choose('.clear').addEventListener('click', () => setPoints([]));

// ---- clicking ----

root.querySelector('input[name=kind][value="2"]').addEventListener('change', () => {
    if (editor.text.value.includes('num_classes:2')) {
        editor.text.value = editor.text.value.replace('num_classes:2', 'num_classes:3');
        editor.apply();
    }
});

function kindChosen() {
    return root.querySelector('input[name=kind]:checked').value;
}

function put(x, y, kind) {
    if (kind === 'erase') {
        const near = points.map(p => Math.hypot(p[0] - x, p[1] - y));
        const best = near.indexOf(Math.min(...near));
        if (best >= 0 && near[best] < 0.6) {
            setPoints(points.filter((_, i) => i !== best));
        }
    } else if (points.length >= MOST) {
        attempt(() => { throw new Error(`There are ${MOST} points already; erase some first.`); });
    } else {
        setPoints([...points, [x, y, Number(kind)]]);
    }
}

plane.addEventListener('click', event => {
    const x = (event.offsetX / plane.clientWidth * 2 - 1) * REACH;
    const y = (1 - event.offsetY / plane.clientHeight * 2) * REACH;
    const kind = kindChosen();
    put(x, y, event.shiftKey && kind !== 'erase' ? (Number(kind) + 1) % Math.max(2, frame?.classes ?? 2) : kind);
});
plane.addEventListener('keydown', event => {
    const move = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1]}[event.key];
    if (move) {
        cursor ??= [0, 0];
        cursor = cursor.map((v, i) => Math.max(-REACH, Math.min(REACH, v + move[i] * (event.shiftKey ? 1 : 0.25))));
        draw();
        event.preventDefault();
    } else if (event.key === 'Enter' || event.key === ' ') {
        put(...(cursor ?? [0, 0]), kindChosen());
        event.preventDefault();
    } else if ('123'.includes(event.key)) {
        root.querySelectorAll('input[name=kind]')[Number(event.key) - 1].click();
    }
});
plane.addEventListener('focus', () => { if (plane.matches(':focus-visible')) { cursor ??= [0, 0]; } draw(); });
plane.addEventListener('blur', () => { cursor = null; draw(); });

// ---- drawing ----

function draw() {
    drawPlane();
    drawHidden();
    choose('.steps').textContent = (frame?.steps ?? 0).toLocaleString('en');
    choose('.accuracy').textContent = frame?.accuracy === undefined || !points.length ? '–' : `${(100 * frame.accuracy).toFixed(1)} %`;
    choose('.loss').textContent = frame?.curve?.length ? frame.curve.at(-1)[1].toPrecision(3) : '–';
    choose('.count').textContent = points.length;
    curve(choose('.curve'), frame?.curve ?? []);
}

function drawPlane() {
    const {g, w, h} = pen(plane);
    g.fillStyle = '#fff';
    g.fillRect(0, 0, w, h);
    if (frame?.field) {
        const field = bytes(frame.field);
        const image = new ImageData(frame.side, frame.side);
        field.forEach((v, i) => image.data.set([...pale(COLOURS[v >> 6], 0.12 + 0.4 * (v & 63) / 63), 255], 4 * i));
        const small = new OffscreenCanvas(frame.side, frame.side);
        small.getContext('2d').putImageData(image, 0, 0);
        g.imageSmoothingEnabled = false;
        g.drawImage(small, 0, 0, w, h);
    }
    const px = x => (x / REACH + 1) / 2 * w;
    const py = y => (1 - y / REACH) / 2 * h;
    g.strokeStyle = '#0003';
    g.lineWidth = 1;
    g.beginPath();
    g.moveTo(px(0), 0);
    g.lineTo(px(0), h);
    g.moveTo(0, py(0));
    g.lineTo(w, py(0));
    g.stroke();
    points.forEach(([x, y, kind]) => mark(g, px(x), py(y), kind));
    if (cursor) {
        g.strokeStyle = '#000';
        g.lineWidth = 1.5;
        g.beginPath();
        g.arc(px(cursor[0]), py(cursor[1]), 9, 0, 7);
        g.moveTo(px(cursor[0]) - 14, py(cursor[1]));
        g.lineTo(px(cursor[0]) + 14, py(cursor[1]));
        g.moveTo(px(cursor[0]), py(cursor[1]) - 14);
        g.lineTo(px(cursor[0]), py(cursor[1]) + 14);
        g.stroke();
    }
}

function drawHidden() {
    const {g, w, h} = pen(hidden);
    g.fillStyle = '#fff';
    g.fillRect(0, 0, w, h);
    const warp = frame?.warp;
    if (!warp) {
        g.fillStyle = '#555';
        g.font = '14px system-ui, sans-serif';
        g.textAlign = 'center';
        g.fillText(layers.length ? '…' : 'The net has no hidden layer to look into.', w / 2, h / 2);
        return;
    }
    const grid = floats(warp.grid);
    const seen = floats(warp.points);
    const kinds = bytes(warp.kinds);
    const n = warp.side;
    const bounds = [0, 1].map(axis => {
        let low = Infinity, high = -Infinity;
        for (let i = axis; i < grid.length; i += 2) {
            low = Math.min(low, grid[i]);
            high = Math.max(high, grid[i]);
        }
        const room = Math.max(0.05, 0.06 * (high - low));
        return [low - room, high + room];
    });
    const px = v => (v - bounds[0][0]) / (bounds[0][1] - bounds[0][0]) * w;
    const py = v => (1 - (v - bounds[1][0]) / (bounds[1][1] - bounds[1][0])) * h;
    const at = i => [px(grid[2 * i]), py(grid[2 * i + 1])];
    for (let i = 0; i < n * (n - 1); i++) {
        if (i % n < n - 1) {
            g.fillStyle = `rgb(${pale(COLOURS[kinds[i]], 0.42)})`;
            g.strokeStyle = g.fillStyle;
            g.lineWidth = 0.5;
            g.beginPath();
            g.moveTo(...at(i));
            g.lineTo(...at(i + 1));
            g.lineTo(...at(i + n + 1));
            g.lineTo(...at(i + n));
            g.fill();
            g.stroke();
        }
    }
    g.strokeStyle = '#0006';
    g.lineWidth = 0.8;
    for (let line = 0; line < n; line += 2) {
        for (const index of [k => line * n + k, k => k * n + line]) {
            g.beginPath();
            for (let k = 0; k < n; k++) {
                g[k ? 'lineTo' : 'moveTo'](...at(index(k)));
            }
            g.stroke();
        }
    }
    for (let i = 0; i < Math.min(points.length, seen.length / 2); i++) {
        mark(g, px(seen[2 * i]), py(seen[2 * i + 1]), points[i][2]);
    }
}

// ---- beginning ----

let started = false;

async function start(running) {
    points = points.length ? points : DATA.circle();
    await ask('classify', 'points', {points});
    await editor.apply();
    await controls.set(running);
}

onRenewal(async () => {
    if (started) {
        await start(controls.running);
    }
});
onShow('classify', () => {
    if (!started) {
        started = true;
        attempt(() => start(true)).then(() => watch.poke());
    } else {
        draw();
        watch.poke();
    }
});
addEventListener('resize', () => root.hidden || draw());
