/* 照片（可以不加）: made small on the phone, kept beside the record, sent after it (outbox.js). Nothing that goes wrong with it
   holds up a record. What the camera wrote beside the picture, the place among it, does not leave the phone. */

import { uuid } from "./outbox.js";

const LONGEST_SIDE = 1600, MOST_BYTES = 300 * 1024;
const SIDES = [LONGEST_SIDE, 1200, 800], QUALITIES = [0.8, 0.65, 0.5];
const PATIENCE = 10 * 1000;

/* Old browsers send the form as a page, or go without. */
function canShrink() {
  return Boolean(window.createImageBitmap && window.crypto && crypto.subtle && window.Response && HTMLCanvasElement.prototype.toBlob);
}

/* Ever smaller: first in quality, then in size. */
async function shrunk(file) {
  const image = await createImageBitmap(file);
  try {
    for (const side of SIDES) {
      const canvas = drawn(image, side);
      for (const quality of QUALITIES) {
        const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
        if (blob && blob.size <= MOST_BYTES) return await new Response(blob).arrayBuffer();
      }
    }
  } finally {
    image.close();
  }
  throw new Error("too large");
}

function drawn(image, side) {
  const share = Math.min(1, side / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * share));
  canvas.height = Math.max(1, Math.round(image.height * share));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; /* under what can be seen through */
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}

async function digestOf(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return btoa(String.fromCharCode(...digest));
}

/* The part of a record's form that takes one photograph. `id` is that of what was chosen and stands on the phone. */
export class PhotoPart {
  constructor(form, store, draft) {
    this.store = store;
    this.draft = draft;
    this.id = null;
    this.isOver = false;
    this.working = Promise.resolve();
    this.form = form;
    this.part = form.querySelector(".photo");
    this.told = this.part.querySelector("[data-chosen]");
    this.box = this.part.querySelector("input");
    this.place = document.createComment("");
    this.part.before(this.place);
    this.part.hidden = !canShrink();
    this.box.addEventListener("change", () => { this.working = this.working.then(() => this._take()); });
    if (this.box.files.length) this.working = this._take(); /* chosen before this script had come */
  }

  /* It stands at the end of whichever step is shown. */
  move(step) {
    if (step === "details") this.form.querySelector(".dock").before(this.part);
    else this.place.after(this.part);
  }

  /* What was chosen before the page died goes on with its draft. */
  resume() {
    this.working = this.working.then(() => this._ofDraft()).then((photos) => {
      if (!photos.length || this.id) return;
      this.id = photos[photos.length - 1].id;
      this.told.textContent = "照片还在手机里，会跟着这条一起发。";
    }).catch(() => {});
  }

  async drop() {
    for (const photo of await this._ofDraft()) await this.store.remove("photos", photo.id);
  }

  /* The record is being saved: it waits a moment for a photograph that is being made small, and no longer. */
  async finished() {
    await Promise.race([this.working, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
    this.isOver = true;
    return this.id;
  }

  async _take() {
    const file = this.box.files[0];
    if (!file) return;
    this.told.textContent = "正在缩小照片……";
    try {
      const bytes = await shrunk(file);
      const photo = { id: uuid(), draft: this.draft, at: Date.now(), bytes, digest: await digestOf(bytes) };
      if (this.isOver) return;
      await this.drop(); /* another one takes its place */
      await this.store.put("photos", photo);
      this.id = photo.id;
      this.box.value = "";
      this.told.textContent = "照片存进手机了，记录发出去以后再发。";
    } catch (broken) {
      this.told.textContent = broken && broken.name === "QuotaExceededError"
        ? "手机存满了，照片存不下；记录照样可以记。"
        : "这张照片打不开，请换一张；不加也行。";
    }
  }

  /* Those that no record has taken along yet. */
  async _ofDraft() {
    const taken = (await this.store.all("outbox")).map((item) => item.photo);
    return (await this.store.all("photos")).filter((photo) => photo.draft === this.draft && taken.indexOf(photo.id) < 0);
  }
}
