/* What stands on this phone: a database for each person who signs in, so that nobody's records mix.

   outbox: records on their way, by their UUID; they stay until a while after the server has them.
   kept:   what the offline pages show (`round`), with as little of it as they need.
   drafts: what is being filled in, by household.
   photos: a photograph of a draft, or of a record that names it (`photo`), until the server has it. */

const VERSION = 2;
const STORES = { outbox: "id", kept: "name", drafts: "form", photos: "id" };

export const DATABASE = "visitcare-";

export async function open(person) {
  let database = await opened(person, VERSION).catch((error) => {
    if (error.name !== "VersionError") throw error;
    return opened(person); /* a later release has been here and was taken back: all of ours is in its database too */
  });
  if (!Object.keys(STORES).every((name) => database.objectStoreNames.contains(name))) {
    const next = database.version + 1;
    database.close();
    database = await opened(person, next);
  }
  database.onversionchange = () => { /* a newer page waits for this one, which is of no use without its database */
    database.close();
    location.reload();
  };
  return new Store(database, person);
}

function opened(person, version) {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE + person, version);
    asked.onupgradeneeded = () => {
      /* What an earlier release has made stays: a queue survives every upgrade. */
      Object.keys(STORES).forEach((name) => {
        if (!asked.result.objectStoreNames.contains(name)) {
          asked.result.createObjectStore(name, { keyPath: STORES[name] });
        }
      });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

class Store {
  constructor(database, person) {
    this.database = database;
    this.person = person;
  }

  get(name, key) {
    return this._in([name], "readonly", (stores) => stores[name].get(key));
  }

  all(name) {
    return this._in([name], "readonly", (stores) => stores[name].getAll());
  }

  put(name, value) {
    return this._in([name], "readwrite", (stores) => stores[name].put(value));
  }

  remove(name, key) {
    return this._in([name], "readwrite", (stores) => stores[name].delete(key));
  }

  clear(names) {
    return this._in(names, "readwrite", (stores) => names.forEach((name) => stores[name].clear()));
  }

  /* A record and the end of its draft together: whatever dies in between, it stands there once. One that stands there
     already stays as it is. */
  putAway(item, form, before) {
    return this._in(["outbox", "drafts"], "readwrite", (stores) => {
      const asked = stores.outbox.getKey(item.id);
      asked.onsuccess = () => {
        if (asked.result === undefined) stores.outbox.put(item);
        if (before) stores.drafts.put(before);
        else stores.drafts.delete(form);
      };
    });
  }

  /* Change records as they stand now; `change` returns what to keep of one, or nothing. Resolves with those changed. */
  async change(keys, change) {
    const changed = [];
    await this._in(["outbox"], "readwrite", (stores) => keys.forEach((key) => {
      const asked = stores.outbox.get(key);
      asked.onsuccess = () => {
        const kept = asked.result && change(asked.result);
        if (!kept) return;
        stores.outbox.put(kept);
        changed.push(kept);
      };
    }));
    return changed;
  }

  /* Resolves once it is on the disk, not before. */
  _in(names, mode, work) {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(names, mode, { durability: "strict" });
      const stores = {};
      names.forEach((name) => { stores[name] = transaction.objectStore(name); });
      const asked = work(stores);
      transaction.oncomplete = () => resolve(asked ? asked.result : undefined);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  }
}
