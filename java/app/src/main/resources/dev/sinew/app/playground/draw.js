// Digits drawn by hand: the paper, what the net sees and says, and the visitor's own samples.

import {ask, attempt, onRenewal, onShow, Watch} from './page.js';
import {bytes, curve, pen} from './plot.js';
import {Controls, NetEditor} from './net.js';

const root = document.getElementById('draw');
const paper = root.querySelector('.paper');
const choose = name => root.querySelector(name);

const PRESET = `layer_defs = [];
layer_defs.push({type:'input', out_sx:8, out_sy:8, out_depth:1});
layer_defs.push({type:'conv', sx:3, filters:16, stride:1, pad:1, activation:'relu'});
layer_defs.push({type:'pool', sx:2, stride:2});
layer_defs.push({type:'conv', sx:3, filters:32, stride:1, pad:1, activation:'relu'});
layer_defs.push({type:'pool', sx:2, stride:2});
layer_defs.push({type:'softmax', num_classes:10});

net = new convnetjs.Net();
net.makeLayers(layer_defs);

trainer = new convnetjs.Trainer(net, {method:'adadelta',
  batch_size:20, l2_decay:0.001});
`;

let strokes = [];
let drawing = null;
let frame = null;
/** The visitor's own samples, to be sent again to a new session. */
let own = [];

// ---- the page and the server ----

const watch = new Watch(async () => {
    frame = await ask('draw', 'frame', strokes.length ? {strokes} : {});
    controls.show(frame.running);
    choose('.wrong-run').textContent = frame.trouble;
    choose('.wrong-run').hidden = !frame.trouble;
    show();
    return frame.running && !root.hidden;
}, 120);
const editor = new NetEditor('draw', root, PRESET, () => watch.poke());
const controls = new Controls('draw', root, editor, watch);

// ---- drawing ----

const BARS = Array.from({length: 10}, (_, digit) => {
    const bar = document.createElement('div');
    bar.className = 'bar';
    bar.innerHTML = `<span class="digit">${digit}</span><span class="track"><span class="fill"></span></span><span class="share">–</span>`;
    choose('.bars').append(bar);
    return bar;
});

for (let digit = 0; digit < 10; digit++) {
    const button = Object.assign(document.createElement('button'), {type: 'button', textContent: digit, title: `Learn the drawing as a ${digit}`});
    button.addEventListener('click', () => teach(digit));
    choose('.labels').append(button);
}

function place(event) {
    const box = paper.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height].map(v => Math.round(1e4 * Math.max(0, Math.min(1, v))) / 1e4);
}

paper.addEventListener('pointerdown', event => {
    paper.setPointerCapture(event.pointerId);
    drawing = place(event);
    strokes.push(drawing);
    drawPaper();
});
paper.addEventListener('pointermove', event => {
    if (drawing) {
        const [x, y] = place(event);
        if (Math.hypot(x - drawing.at(-2), y - drawing.at(-1)) > 0.008) {
            drawing.push(x, y);
            drawPaper();
        }
    }
});
for (const end of ['pointerup', 'pointercancel']) {
    paper.addEventListener(end, () => {
        if (drawing) {
            drawing = null;
            watch.poke();
        }
    });
}

// with keys: arrows move the pen, the space bar puts it down and lifts it
let tip = null;

paper.addEventListener('keydown', event => {
    const move = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
    if (!move && event.key !== ' ') {
        return;
    }
    event.preventDefault();
    tip ??= [0.5, 0.2];
    if (move) {
        tip = tip.map((v, i) => Math.round(1e4 * Math.max(0, Math.min(1, v + 0.05 * move[i]))) / 1e4);
        drawing?.push(...tip);
    } else if (drawing) {
        drawing = null;
        watch.poke();
    } else {
        drawing = [...tip];
        strokes.push(drawing);
    }
    drawPaper();
});
paper.addEventListener('blur', () => { tip = null; drawing = null; drawPaper(); });

function wipe() {
    strokes = [];
    drawing = null;
    if (frame) {
        frame.reading = null;
    }
    drawPaper();
    show();
}

choose('.wipe').addEventListener('click', wipe);
addEventListener('keydown', event => {
    if (root.hidden || event.target.closest('input, select, textarea') || event.ctrlKey || event.metaKey || event.altKey) {
        return;
    }
    if (/^[0-9]$/.test(event.key)) {
        teach(Number(event.key));
    } else if (event.key === 'Escape') {
        wipe();
    }
});

function teach(label) {
    return attempt(async () => {
        const sample = {strokes, label};
        await ask('draw', 'add', sample);
        own.push(sample);
        wipe();
        watch.poke();
    });
}

choose('.forget').addEventListener('click', () => attempt(async () => {
    await ask('draw', 'forget');
    own = [];
    watch.poke();
}));

// ---- showing ----

function show() {
    choose('.steps').textContent = (frame?.steps ?? 0).toLocaleString('en');
    choose('.accuracy').textContent = frame?.accuracy === undefined ? '–' : `${(100 * frame.accuracy).toFixed(1)} %`;
    choose('.loss').textContent = frame?.curve?.length ? frame.curve.at(-1)[1].toPrecision(3) : '–';
    const count = frame?.own?.reduce((a, b) => a + b, 0) ?? 0;
    choose('.count').textContent = count;
    choose('.forget').disabled = !count;
    curve(choose('.curve'), frame?.curve ?? []);
    const said = frame?.reading?.probabilities;
    const best = said ? said.indexOf(Math.max(...said)) : -1;
    BARS.forEach((bar, digit) => {
        bar.classList.toggle('best', digit === best);
        bar.querySelector('.fill').style.width = said ? `${100 * said[digit]}%` : '0';
        bar.querySelector('.share').textContent = said ? `${Math.round(100 * said[digit])} %` : '–';
    });
    choose('.verdict').textContent = said ? `I read a ${best}.` : 'Nothing is drawn yet.';
    drawSeen();
}

function drawPaper() {
    const {g, w, h} = pen(paper);
    g.fillStyle = '#fff';
    g.fillRect(0, 0, w, h);
    if (!strokes.length) {
        g.fillStyle = '#667';
        g.font = '16px system-ui, sans-serif';
        g.textAlign = 'center';
        g.fillText('draw a digit from 0 to 9 here', w / 2, h / 2);
    }
    g.strokeStyle = '#1b2530';
    g.lineWidth = 0.06 * w;
    g.lineCap = 'round';
    g.lineJoin = 'round';
    for (const stroke of strokes) {
        g.beginPath();
        g.moveTo(stroke[0] * w, stroke[1] * h);
        g.lineTo(stroke[0] * w + 0.01, stroke[1] * h);
        for (let i = 2; i < stroke.length; i += 2) {
            g.lineTo(stroke[i] * w, stroke[i + 1] * h);
        }
        g.stroke();
    }
    if (tip) {
        g.strokeStyle = drawing ? '#d55e00' : '#0072b2';
        g.lineWidth = 2;
        g.beginPath();
        g.arc(tip[0] * w, tip[1] * h, 0.045 * w, 0, 7);
        g.stroke();
    }
}

function drawSeen() {
    const {g, w, h} = pen(choose('.seen'));
    const shades = frame?.reading ? bytes(frame.reading.picture) : new Uint8Array(64);
    shades.forEach((v, i) => {
        g.fillStyle = `rgb(${255 - v * 0.9}, ${255 - v * 0.86}, ${255 - v * 0.81})`;
        g.fillRect(i % 8 * w / 8, Math.floor(i / 8) * h / 8, w / 8 + 1, h / 8 + 1);
    });
}

// ---- beginning ----

let started = false;

async function start(running) {
    await editor.apply();
    for (const sample of own) {
        await ask('draw', 'add', sample);
    }
    await controls.set(running);
}

onRenewal(async () => {
    if (started) {
        await start(controls.running);
    }
});
onShow('draw', () => {
    drawPaper();
    if (!started) {
        started = true;
        attempt(() => start(true)).then(() => watch.poke());
    } else {
        show();
        watch.poke();
    }
});
addEventListener('resize', () => {
    if (!root.hidden) {
        drawPaper();
        show();
    }
});
