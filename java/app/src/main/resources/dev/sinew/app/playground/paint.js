// A picture painted from its coordinates, beside the original.

import {ask, attempt, onRenewal, onShow, Watch} from './page.js';
import {bytes, curve} from './plot.js';
import {Controls, NetEditor} from './net.js';

const root = document.getElementById('paint');
const choose = name => root.querySelector(name);
/** Larger pictures are made smaller before they are sent. */
const LARGEST = 640;

const PRESET = `layer_defs = [];
layer_defs.push({type:'input', out_sx:1, out_sy:1, out_depth:2});
layer_defs.push({type:'fc', num_neurons:20, activation:'relu'});
layer_defs.push({type:'fc', num_neurons:20, activation:'relu'});
layer_defs.push({type:'fc', num_neurons:20, activation:'relu'});
layer_defs.push({type:'fc', num_neurons:20, activation:'relu'});
layer_defs.push({type:'fc', num_neurons:20, activation:'relu'});
layer_defs.push({type:'fc', num_neurons:20, activation:'relu'});
layer_defs.push({type:'fc', num_neurons:20, activation:'relu'});
layer_defs.push({type:'regression', num_neurons:3});

net = new convnetjs.Net();
net.makeLayers(layer_defs);

trainer = new convnetjs.SGDTrainer(net, {learning_rate:0.01,
  momentum:0.9, batch_size:5, l2_decay:0.0});
`;

let frame = null;
/** What the server was asked to paint, to be asked again in a new session. */
let subject = ['photograph', {name: 'flower'}];

const watch = new Watch(async () => {
    frame = await ask('paint', 'frame', {});
    controls.show(frame.running);
    choose('.wrong-run').textContent = frame.trouble;
    choose('.wrong-run').hidden = !frame.trouble;
    show();
    return frame.running && !root.hidden;
}, 150);
const editor = new NetEditor('paint', root, PRESET, () => watch.poke());
const controls = new Controls('paint', root, editor, watch);

function picture(canvas, {width, height, rgb}) {
    const colours = bytes(rgb);
    const image = new ImageData(width, height);
    for (let i = 0; i < width * height; i++) {
        image.data.set([colours[3 * i], colours[3 * i + 1], colours[3 * i + 2], 255], 4 * i);
    }
    canvas.width = width;
    canvas.height = height;
    canvas.getContext('2d').putImageData(image, 0, 0);
}

function show() {
    if (frame?.rgb) {
        picture(choose('.painting'), frame);
    }
    choose('.steps').textContent = (frame?.steps ?? 0).toLocaleString('en');
    choose('.loss').textContent = frame?.curve?.length ? frame.curve.at(-1)[1].toPrecision(3) : '–';
    choose('.off').textContent = frame?.off === undefined ? '–' : frame.off.toFixed(1);
    curve(choose('.curve'), frame?.curve ?? []);
}

/** Shows a picture to the net, which begins anew. */
function take(what, details) {
    return attempt(async () => {
        picture(choose('.original'), await ask('paint', what, details));
        subject = [what, details];
        await editor.restart();
        await controls.set(true);
        watch.poke();
    });
}

root.querySelectorAll('[data-photograph]').forEach(button => button.addEventListener('click', () => take('photograph', {name: button.dataset.photograph})));
choose('input[type=file]').addEventListener('change', event => {
    const [file] = event.target.files;
    event.target.value = '';
    if (file) {
        attempt(async () => take('upload', {picture: await base64(await smaller(file))}));
    }
});

/** The picture at a size that is quick to send; as it is when the browser cannot read it: the server says what is wrong. */
async function smaller(file) {
    const image = await createImageBitmap(file).catch(() => null);
    if (!image) {
        if (file.size > 5e6) {
            throw new Error('The browser cannot read this file as a picture.');
        }
        return file;
    }
    const scale = Math.min(1, LARGEST / Math.max(image.width, image.height));
    const canvas = new OffscreenCanvas(Math.max(1, Math.round(image.width * scale)), Math.max(1, Math.round(image.height * scale)));
    const g = canvas.getContext('2d');
    g.fillStyle = '#fff';
    g.fillRect(0, 0, canvas.width, canvas.height);
    g.drawImage(image, 0, 0, canvas.width, canvas.height);
    return canvas.convertToBlob({type: 'image/png'});
}

async function base64(blob) {
    const all = new Uint8Array(await blob.arrayBuffer());
    let text = '';
    for (let i = 0; i < all.length; i += 0x8000) {
        text += String.fromCharCode(...all.subarray(i, i + 0x8000));
    }
    return btoa(text);
}

let started = false;

async function start(running) {
    picture(choose('.original'), await ask('paint', ...subject));
    await editor.apply();
    await controls.set(running);
}

onRenewal(async () => {
    if (started) {
        await start(controls.running);
    }
});
onShow('paint', () => {
    if (!started) {
        started = true;
        attempt(() => start(true)).then(() => watch.poke());
    } else {
        show();
        watch.poke();
    }
});
addEventListener('resize', () => root.hidden || show());
