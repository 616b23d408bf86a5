/* What stands on this phone: a database for each person who signs in, so that nobody's records mix.

   outbox: records on their way, by their UUID; they stay until a while after the server has them.
   kept:   what the offline pages show (`round`), with as little of it as they need.
   drafts: what is being filled in, by household. */

const VERSION = 1;
const STORES = { outbox: "id", kept: "name", drafts: "form" };

export function open(person) {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(`visitcare-${person}`, VERSION);
    asked.onupgradeneeded = () => {
      /* What an earlier release has made stays: a queue survives every upgrade. */
      Object.keys(STORES).forEach((name) => {
        if (!asked.result.objectStoreNames.contains(name)) {
          asked.result.createObjectStore(name, { keyPath: STORES[name] });
        }
      });
    };
    asked.onsuccess = () => {
      const database = asked.result;
      database.onversionchange = () => database.close(); /* a newer page waits for this one */
      resolve(new Store(database, person));
    };
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

  /* A record and the end of its draft together: whatever dies in between, it stands there once. */
  putAway(item, form) {
    return this._in(["outbox", "drafts"], "readwrite", (stores) => {
      stores.outbox.put(item);
      stores.drafts.delete(form);
    });
  }

  /* Change one record as it stands now; `change` returns what to keep of it, or nothing. */
  change(key, change) {
    return this._in(["outbox"], "readwrite", (stores) => {
      const asked = stores.outbox.get(key);
      asked.onsuccess = () => {
        const kept = asked.result && change(asked.result);
        if (kept) stores.outbox.put(kept);
      };
    });
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
