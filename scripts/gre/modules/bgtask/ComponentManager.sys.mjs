// SPDX-License-Identifier: MPL-2.0
// Components.manager: nsIComponentManager and nsIComponentRegistrar. The objects of a registered factory are handed out
// as they are, where Gecko wraps them: members beyond their interfaces can be seen.

import {
  CONTRACTS,
  ComponentClass,
  findContract,
  makeIdentifier,
  makeWith,
  setContract,
} from "resource://gre/modules/bgtask/Components.sys.mjs";
import { isInterface } from "resource://gre/modules/bgtask/Interfaces.sys.mjs";
import { checkNative, defineXpcomClass, fail, failConversion, isObject } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

const { runtime } = import.meta.native;

const REGISTRAR = "nsIComponentRegistrar";

/** nsIFactory of a class. */
class Factory {
  #class;

  constructor(componentClass) {
    this.#class = componentClass;
  }

  createInstance(iface) {
    return makeWith(wanted => this.#class.make(wanted), iface, Cr.NS_NOINTERFACE);
  }
}
defineXpcomClass(Factory, ["nsIFactory"], { nsIFactory: { createInstance: 1 } });

class ComponentManager {
  /** What was registered: { factory, class } by number. */
  #registered = new Map();
  #contracts = new Set();
  #manifests = [];

  #number(id, method, index = 0) {
    return isObject(id) && typeof id.number == "string" ? id.number : failConversion(`${REGISTRAR}.${method}`, index);
  }

  #findNumber(number) {
    const registered = this.#registered.get(number)?.class;
    const known = Object.keys(CONTRACTS).find(contract => CONTRACTS[contract][3] == number);
    return registered ?? (known ? findContract(known) : undefined);
  }

  /** Also for StaticComponents.sys.mjs and those that read manifests. */
  #register(number, contract, factory) {
    const made = new ComponentClass(number, iface => factory.createInstance(iface));
    this.#registered.set(number, { factory, class: made });
    if (contract) {
      this.#map(contract, made);
    }
  }

  #map(contract, made) {
    this.#contracts.add(contract);
    setContract(contract, made);
  }

  /**
   * @param factory an nsIFactory; null: @contract becomes another name of the class @id
   * @param {string} contract may be null
   */
  registerFactory(id, className, contract, factory) {
    const number = this.#number(id, "registerFactory");
    const name = contract === null || contract === undefined ? "" : String(contract);
    if (factory === null || factory === undefined) {
      const known = this.#findNumber(number) ?? fail("NS_ERROR_FACTORY_NOT_REGISTERED", `${REGISTRAR}.registerFactory`);
      if (!name) {
        fail("NS_ERROR_ILLEGAL_VALUE", `${REGISTRAR}.registerFactory`);
      }
      this.#map(name, known);
      return;
    }
    if (!isObject(factory)) {
      failConversion(`${REGISTRAR}.registerFactory`, 3);
    }
    if (this.#findNumber(number)) {
      fail("NS_ERROR_FACTORY_EXISTS", `${REGISTRAR}.registerFactory`);
    }
    this.#register(number, name, factory);
  }

  /** The names of its contracts stay, and make nothing. */
  unregisterFactory(id, factory) {
    const number = this.#number(id, "unregisterFactory");
    const registered = this.#registered.get(number);
    if (!registered || registered.factory !== factory) {
      fail("NS_ERROR_FACTORY_NOT_REGISTERED", `${REGISTRAR}.unregisterFactory`);
    }
    this.#registered.delete(number);
    for (const contract of this.#contracts) {
      if (findContract(contract) === registered.class) {
        this.#contracts.delete(contract);
        setContract(contract, undefined);
      }
    }
  }

  /** Read the chrome manifest that @file is. */
  autoRegister(file) {
    checkNative(file, "nsIFile", `${REGISTRAR}.autoRegister`);
    const { readManifest } = runtime.load("resource://gre/modules/bgtask/Manifest.sys.mjs");
    this.#manifests.push(file.clone());
    readManifest(file);
  }

  isCIDRegistered(id) {
    return Boolean(this.#findNumber(this.#number(id, "isCIDRegistered")));
  }

  isContractIDRegistered(contract) {
    return Boolean(findContract(String(contract)));
  }

  contractIDToCID(contract) {
    const number = findContract(String(contract))?.number;
    return number ? makeIdentifier(number) : fail("NS_ERROR_FACTORY_NOT_REGISTERED", `${REGISTRAR}.contractIDToCID`);
  }

  getContractIDs() {
    return [...new Set([...Object.keys(CONTRACTS), ...this.#contracts])];
  }

  #classObject(found, iface, method) {
    if (!found) {
      fail("NS_ERROR_FACTORY_NOT_REGISTERED", `nsIComponentManager.${method}`);
    }
    if (!isInterface(iface)) {
      failConversion(`nsIComponentManager.${method}`, 1);
    }
    return new Factory(found).QueryInterface(iface);
  }

  getClassObject(id, iface) {
    return this.#classObject(this.#findNumber(this.#number(id, "getClassObject")), iface, "getClassObject");
  }

  getClassObjectByContractID(contract, iface) {
    return this.#classObject(findContract(String(contract)), iface, "getClassObjectByContractID");
  }

  /** URIs of the manifests that were read. */
  getManifestLocations() {
    return this.#manifests.map(file => Services.io.newFileURI(file));
  }

  /** URLs of modules that components are made from. */
  getComponentESModules() {
    return [];
  }
}
defineXpcomClass(ComponentManager, ["nsIComponentManager", REGISTRAR], {
  nsIComponentManager: { getClassObject: 2, getClassObjectByContractID: 2, getManifestLocations: 0, getComponentESModules: 0 },
  nsIComponentRegistrar: {
    autoRegister: 1, registerFactory: 4, unregisterFactory: 2, isCIDRegistered: 1, isContractIDRegistered: 1,
    contractIDToCID: 1, getContractIDs: 0,
  },
});
ComponentManager.prototype.toString = () => "[xpconnect wrapped nsIComponentManager]";

export const manager = new ComponentManager();
