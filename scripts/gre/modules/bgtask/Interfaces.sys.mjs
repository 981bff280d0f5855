// SPDX-License-Identifier: MPL-2.0
// Components.interfaces: the interfaces that tasks name, with their identifiers and constants.
//
// An interface is an object whose own properties are its constants. What implements it is known by the names
// that its class lists (see Xpcom.sys.mjs).

import { APP_STARTUP_CONSTANTS, FILE_CONSTANTS, NET_UTIL_CONSTANTS } from "resource://gre/modules/bgtask/Constants.sys.mjs";
import { INTERFACES as IMPLEMENTED, MISSING, missingNames } from "resource://gre/modules/bgtask/Xpcom.sys.mjs";

class Interface {
  #name;
  #number;

  constructor(name, number, constants) {
    this.#name = name;
    this.#number = number;
    for (const [key, value] of Object.entries(constants)) {
      Object.defineProperty(this, key, { value, enumerable: true });
    }
  }

  get name() {
    return this.#name;
  }

  get number() {
    return this.#number;
  }

  equals(other) {
    return other instanceof Interface && other.#number == this.#number;
  }

  toString() {
    return this.#name;
  }

  [Symbol.hasInstance](object) {
    const isObject = (typeof object == "object" || typeof object == "function") && object !== null;
    return isObject && Boolean(object[IMPLEMENTED]?.includes(this.#name));
  }

  static is(value) {
    return typeof value == "object" && value !== null && #name in value;
  }
}

/** Whether @value is a member of Components.interfaces. */
export const isInterface = Interface.is;

/** Constants of all nsISupportsPrimitive. */
const PRIMITIVE_TYPES = {
  TYPE_ID: 1, TYPE_CSTRING: 2, TYPE_STRING: 3, TYPE_PRBOOL: 4, TYPE_PRUINT8: 5, TYPE_PRUINT16: 6,
  TYPE_PRUINT32: 7, TYPE_PRUINT64: 8, TYPE_PRTIME: 9, TYPE_CHAR: 10, TYPE_PRINT16: 11, TYPE_PRINT32: 12,
  TYPE_PRINT64: 13, TYPE_FLOAT: 14, TYPE_DOUBLE: 15, TYPE_INTERFACE_POINTER: 17,
};

/** Constants of nsIProtocolHandler and what derives from it. */
const PROTOCOL_FLAGS = {
  URI_STD: 0, URI_NORELATIVE: 1, URI_NOAUTH: 2, ALLOWS_PROXY: 4, ALLOWS_PROXY_HTTP: 8, URI_INHERITS_SECURITY_CONTEXT: 16,
  URI_FORBIDS_AUTOMATIC_DOCUMENT_REPLACEMENT: 32, URI_LOADABLE_BY_ANYONE: 64, URI_DANGEROUS_TO_LOAD: 128,
  URI_IS_UI_RESOURCE: 256, URI_IS_LOCAL_FILE: 512, URI_LOADABLE_BY_SUBSUMERS: 1024, URI_DOES_NOT_RETURN_DATA: 2048,
  URI_IS_LOCAL_RESOURCE: 4096, URI_OPENING_EXECUTES_SCRIPT: 8192, URI_NON_PERSISTABLE: 16384,
  URI_CROSS_ORIGIN_NEEDS_WEBAPPS_PERM: 32768, URI_SYNC_LOAD_IS_OK: 65536, URI_IS_POTENTIALLY_TRUSTWORTHY: 131072,
  URI_IS_WEBEXTENSION_RESOURCE: 262144, ORIGIN_IS_FULL_SPEC: 524288, URI_SCHEME_NOT_SELF_LINKABLE: 1048576,
  URI_LOADABLE_BY_EXTENSIONS: 2097152, URI_FORBIDS_COOKIE_ACCESS: 4194304, URI_HAS_WEB_EXPOSED_ORIGIN: 8388608,
  DYNAMIC_URI_FLAGS: 2228416,
};

/** Constants of nsIEventTarget and what derives from it. */
const DISPATCH_FLAGS = {
  DISPATCH_NORMAL: 0, DISPATCH_AT_END: 2, DISPATCH_EVENT_MAY_BLOCK: 4, DISPATCH_IGNORE_BLOCK_DISPATCH: 8,
  DISPATCH_FALLIBLE: 16, SUPPORTS_BASE: 0, SUPPORTS_SHUTDOWN_TASKS: 1, SUPPORTS_SHUTDOWN_TASK_DISPATCH: 2,
  SUPPORTS_PRIORITIZATION: 4,
};

/** Constants of nsIRequest and what derives from it. */
const REQUEST_FLAGS = {
  LOAD_REQUESTMASK: 65535, LOAD_NORMAL: 0, LOAD_BACKGROUND: 1, LOAD_HTML_OBJECT_DATA: 2,
  LOAD_DOCUMENT_NEEDS_COOKIE: 4, TRR_DEFAULT_MODE: 0, TRR_DISABLED_MODE: 1, TRR_FIRST_MODE: 2,
  TRR_ONLY_MODE: 3, LOAD_TRR_MASK: 24, LOAD_TRR_DISABLED_MODE: 8, LOAD_TRR_FIRST_MODE: 16,
  LOAD_TRR_ONLY_MODE: 24, LOAD_ANONYMOUS_ALLOW_CLIENT_CERT: 32, INHIBIT_CACHING: 128,
  INHIBIT_PERSISTENT_CACHING: 256, LOAD_BYPASS_CACHE: 512, LOAD_FROM_CACHE: 1024, VALIDATE_ALWAYS: 2048,
  VALIDATE_NEVER: 4096, VALIDATE_ONCE_PER_SESSION: 8192, LOAD_ANONYMOUS: 16384,
  LOAD_FRESH_CONNECTION: 32768,
};

/** Their numbers and constants; the line above a row says what it is, for bgtask-environment(7). */
const TABLE = {
  // What all objects of XPCOM have.
  nsISupports: ["{00000000-0000-0000-c000-000000000046}"],
  // Can be referred to weakly.
  nsISupportsWeakReference: ["{9188bc86-f92e-11d2-81ef-0060083a0bcf}"],
  // Refers to an object weakly.
  nsIWeakReference: ["{9188bc85-f92e-11d2-81ef-0060083a0bcf}"],
  // A string as an object.
  nsISupportsString: ["{d79dc970-4a1c-11d3-9890-006008962422}", PRIMITIVE_TYPES],
  // A value as an object.
  nsISupportsPrimitive: ["{d0d4b136-1dd1-11b2-9371-f0727ef827c0}", PRIMITIVE_TYPES],
  // A string of bytes as an object.
  nsISupportsCString: ["{d65ff270-4a1c-11d3-9890-006008962422}", PRIMITIVE_TYPES],
  // A boolean as an object.
  nsISupportsPRBool: ["{ddc3b490-4a1c-11d3-9890-006008962422}", PRIMITIVE_TYPES],
  // A signed integer of 32 bits as an object.
  nsISupportsPRInt32: ["{e36c5250-4a1c-11d3-9890-006008962422}", PRIMITIVE_TYPES],
  // An unsigned integer of 32 bits as an object.
  nsISupportsPRUint32: ["{e01dc470-4a1c-11d3-9890-006008962422}", PRIMITIVE_TYPES],
  // A signed integer of 64 bits as an object.
  nsISupportsPRInt64: ["{e3cb0ff0-4a1c-11d3-9890-006008962422}", PRIMITIVE_TYPES],
  // An unsigned integer of 64 bits as an object.
  nsISupportsPRUint64: ["{e13567c0-4a1c-11d3-9890-006008962422}", PRIMITIVE_TYPES],
  // A number as an object.
  nsISupportsDouble: ["{b32523a0-4ac0-11d3-baea-00805f8a5dd7}", PRIMITIVE_TYPES],
  // A time as an object.
  nsISupportsPRTime: ["{e2563630-4a1c-11d3-9890-006008962422}", PRIMITIVE_TYPES],
  // An entry of a category: its name and value.
  nsICategoryEntry: ["{de021d54-57a3-4025-ae63-4c8eedbe74c0}", PRIMITIVE_TYPES],
  // Registers factories, and reads chrome manifests.
  nsIComponentRegistrar: ["{2417cbfe-65ad-48a6-b4b6-eb84db174392}"],
  // A value with its name.
  nsIProperty: ["{6dcf9030-a49f-11d5-910d-0010a4e73d9a}"],
  // What a scheme of URIs is.
  nsIProtocolHandler: ["{a87210e6-7c8c-41f7-864d-df809015193e}", PROTOCOL_FLAGS],
  // Files of file: URIs, and the other way round.
  nsIFileProtocolHandler: ["{1fb25bd5-4354-4dcd-8d97-621b7b3ed2e4}", PROTOCOL_FLAGS],
  // What URIs of a scheme stand for.
  nsISubstitutingProtocolHandler: ["{154c64fd-a69e-4105-89f8-bd7dfe621372}", {
    ...PROTOCOL_FLAGS, ALLOW_CONTENT_ACCESS: 1, RESOLVE_JAR_URI: 2,
  }],
  // What resource: URIs stand for.
  nsIResProtocolHandler: ["{241d34ac-9ed5-46d7-910c-7a9d914aa0c5}", {
    ...PROTOCOL_FLAGS, ALLOW_CONTENT_ACCESS: 1, RESOLVE_JAR_URI: 2,
  }],
  // The lock of a profile that one has.
  nsIProfileLock: ["{7c58c703-d245-4864-8d75-9648ca4a6139}"],
  // Who has the lock of a profile.
  nsIProfileUnlocker: ["{08923af1-e7a3-4fae-ba02-128502193994}", { ATTEMPT_QUIT: 0, FORCE_QUIT: 1 }],
  // The locales that the user and the application have.
  mozILocaleService: ["{c27f8983-b48b-4d1a-92d7-feb8106f212d}", {
    langNegStrategyFiltering: 0, langNegStrategyMatching: 1, langNegStrategyLookup: 2,
  }],
  // Whether another instance of the application is running.
  nsIUpdateSyncManager: ["{cf4c4487-66d9-4e18-a2e9-39002245332f}"],
  // Has a priority.
  nsISupportsPriority: ["{aa578b44-abd5-4c19-8b14-36d4de6fdc36}", {
    PRIORITY_HIGHEST: -20, PRIORITY_HIGH: -10, PRIORITY_NORMAL: 0, PRIORITY_LOW: 10, PRIORITY_LOWEST: 20,
  }],
  // Refers to an object weakly.
  xpcIJSWeakReference: ["{75767928-ecb1-4e6c-9f55-c118b297fcef}"],
  // Is called when a barrier is done.
  nsIAsyncShutdownCompletionCallback: ["{910c9309-1da0-4dd0-8bdb-a325a38c604e}"],
  // Is told of topics.
  nsIObserver: ["{db242e01-e4d9-11d2-9dde-000064657374}"],
  // Who observes which topic.
  nsIObserverService: ["{d07f5192-e3d1-11d2-8acd-00105a1b8860}"],
  // A file or directory, by its path.
  nsIFile: ["{2fa6884a-ae65-412a-9d4c-ce6e34544ba1}", FILE_CONSTANTS],
  // The entries of a directory.
  nsIDirectoryEnumerator: ["{31f7f4ae-6916-4f2d-a81e-926a4e3022ee}"],
  // One object after the other.
  nsISimpleEnumerator: ["{d1899240-f9d2-11d2-bdd6-000064657374}"],
  // A URI and its parts.
  nsIURI: ["{92073a54-6d78-4f30-913a-b871813208c6}"],
  // A URI with a path of directories, name and query.
  nsIURL: ["{86adcd89-0b70-47a2-b0fe-5bb2c5f37e31}"],
  // A URI that stands for a file.
  nsIFileURL: ["{e91ac988-27c2-448b-b1a1-3822e1ef1987}"],
  // Makes a changed copy of a URI.
  nsIURIMutator: ["{4d1f3103-1c44-4dcd-b717-5d22a697a7d9}"],
  // URIs from text and from files.
  nsIIOService: ["{4286de5a-b2ea-446f-8f70-e2a461f42694}"],
  // Escaping for URLs, types of content, flags of protocols.
  nsINetUtil: ["{fe2625ec-b884-4df1-b39c-9e830e47aa94}", NET_UTIL_CONSTANTS],
  // Preferences below a prefix.
  nsIPrefBranch: ["{55d25e49-793f-4727-a69f-de8b15f4b985}", {
    PREF_INVALID: 0, PREF_STRING: 32, PREF_INT: 64, PREF_BOOL: 128,
  }],
  // Branches, files and defaults of preferences.
  nsIPrefService: ["{1f84fd56-3956-40df-b86a-1ea01402ee96}"],
  // A preference whose value is in a file.
  nsIPrefLocalizedString: ["{ae419e24-1dd1-11b2-b39a-d3e5e7073802}", PRIMITIVE_TYPES],
  // Services.startup: the end of the run, phases of the shutdown.
  nsIAppStartup: ["{6621f6d5-6c04-4a0e-9e74-447db221484e}", APP_STARTUP_CONSTANTS],
  // The arguments of the task.
  nsICommandLine: ["{bc3173bd-aa46-46a0-9d25-d9867a9659b6}", {
    STATE_INITIAL_LAUNCH: 0, STATE_REMOTE_AUTO: 1, STATE_REMOTE_EXPLICIT: 2,
  }],
  // Handles a command line.
  nsICommandLineHandler: ["{d4b123df-51ee-48b1-a663-002180e60d3b}"],
  // The application: name, vendor, version, build.
  nsIXULAppInfo: ["{ddea4f31-3c5e-4769-ac68-21ab4b3d7845}"],
  // The process: its type, the system it runs on.
  nsIXULRuntime: ["{03602fac-fa3f-4a50-9baa-b88456fb4a0f}", {
    eExperimentStatusUnenrolled: 0, eExperimentStatusControl: 1, eExperimentStatusTreatment: 2,
    eExperimentStatusDisqualified: 3, eExperimentStatusRollout: 4, eExperimentStatusCount: 5,
    LockdownEnabled: 1, MissingWebRender: 2, OperatingSystemNotSupported: 3, PrefNotSet: 4,
    MissingNonNativeTheming: 6, DisabledByEnvVar: 7, DisabledByE10S: 9, DisabledByUserPref: 10,
    EnabledByUserPref: 11, DisabledByControlGroup: 12, EnabledByTreatmentGroup: 13, DisabledByDefault: 14,
    EnabledByDefault: 15, DecodersArentRemote: 16, IncompatibleMitigationPolicy: 17, eFissionStatusUnknown: 0,
    eFissionDisabledByE10sEnv: 3, eFissionEnabledByEnv: 4, eFissionDisabledByEnv: 5,
    eFissionEnabledByDefault: 7, eFissionDisabledByDefault: 8, eFissionEnabledByUserPref: 9,
    eFissionDisabledByUserPref: 10, eFissionDisabledByE10sOther: 11, PROCESS_TYPE_DEFAULT: 0,
    PROCESS_TYPE_CONTENT: 2, PROCESS_TYPE_IPDLUNITTEST: 3, PROCESS_TYPE_GMPLUGIN: 4, PROCESS_TYPE_GPU: 5,
    PROCESS_TYPE_VR: 6, PROCESS_TYPE_RDD: 7, PROCESS_TYPE_SOCKET: 8, PROCESS_TYPE_FORKSERVER: 10,
    PROCESS_TYPE_UTILITY: 11, E10S_MULTI_EXPERIMENT: 1,
  }],
  // Version and build of the platform.
  nsIPlatformInfo: ["{ab6650cf-0806-4aea-b8f2-40fdae74f1cc}"],
  // Environment variables.
  nsIEnvironment: ["{101d5941-d820-4e85-a266-9a3469940807}"],
  // Objects by their keys.
  nsIProperties: ["{78650582-4e93-4b60-8e85-26ebd3eb14ca}"],
  // Directories by their keys.
  nsIDirectoryService: ["{57a66a60-d43a-11d3-8cc2-00609792278c}"],
  // Says where a directory is.
  nsIDirectoryServiceProvider: ["{bbf8cab0-d43a-11d3-8cc2-00609792278c}"],
  // The console service.
  nsIConsoleService: ["{0eb81d20-c37e-42d4-82a8-ca9ae96bdf52}", { SuppressLog: 0, OutputToLog: 1 }],
  // A message of the console service.
  nsIConsoleMessage: ["{3aba9617-10e2-4839-83ae-2e6fc4df428b}", { debug: 0, info: 1, warn: 2, error: 3 }],
  // Is told of messages of the console service.
  nsIConsoleListener: ["{35c400a4-5792-438c-b915-65e30d58d557}"],
  // An error or warning of a script.
  nsIScriptError: ["{63eb4d3e-7d99-4150-b4f3-11314f9d82a9}", {
    debug: 0, info: 1, warn: 2, error: 3, errorFlag: 0, warningFlag: 1, infoFlag: 8,
  }],
  // A thread.
  nsIThread: ["{5801d193-29d1-4964-a6b7-70eb697ddf2b}", { ...DISPATCH_FLAGS, QOS_PRIORITY_NORMAL: 0, QOS_PRIORITY_LOW: 1 }],
  // The threads of the process.
  nsIThreadManager: ["{1be89eca-e2f7-453b-8d38-c11ba247f6f3}"],
  // Where runnables are dispatched.
  nsIEventTarget: ["{a03b8b63-af8b-4164-b0e5-c41e8b2b7cfa}", DISPATCH_FLAGS],
  // Where runnables are dispatched that run one after the other.
  nsISerialEventTarget: ["{9f982380-24b4-49f3-88f6-45e2952036c7}", DISPATCH_FLAGS],
  // Something to run.
  nsIRunnable: ["{4a2abaf0-6886-11d3-9382-00104ba0fd40}"],
  // A timer.
  nsITimer: ["{3de4b105-363c-482c-a409-baac83a01bfc}", {
    TYPE_ONE_SHOT: 0, TYPE_REPEATING_SLACK: 1, TYPE_REPEATING_PRECISE: 2, TYPE_REPEATING_PRECISE_CAN_SKIP: 3,
    TYPE_REPEATING_SLACK_LOW_PRIORITY: 4, TYPE_ONE_SHOT_LOW_PRIORITY: 5,
  }],
  // Is called by a timer.
  nsITimerCallback: ["{a796816d-7d47-4348-9ab8-c7aeb3216a7d}"],
  // Has a name.
  nsINamed: ["{0c5fe7de-7e83-4d0d-a8a6-4a6518b9a7b3}"],
  // The inside of Glean.
  nsIFOG: ["{98d0e975-9cad-4ce3-ae2f-f878b8be6307}"],
  // A ping, which is not sent.
  nsIGleanPing: ["{5223a48b-687d-47ff-a629-fd4a72d1ecfa}"],
  // Random UUIDs.
  nsIUUIDGenerator: ["{138ad1b2-c694-41cc-b201-333ce936d8b8}"],
  // Compares versions.
  nsIVersionComparator: ["{e6cd620a-edbb-41d2-9e42-9a2ffc8107f3}"],
  // An exception with a result code.
  nsIException: ["{4371b5bf-6845-487f-8d9d-3f1e4a9badd2}"],
  // A frame of a stack, with its callers.
  nsIStackFrame: ["{28bfb2a2-5ea6-4738-918b-049dc4d51f0b}"],
  // Whether this is background task mode, and which task.
  nsIBackgroundTasks: ["{353dccb8-a863-49e4-941b-007382eac168}"],
  // Runs a background task.
  nsIBackgroundTasksManager: ["{4d48c536-e16f-4699-8f9c-add4f28f92f0}"],
  // Starts background tasks in processes of their own.
  nsIBackgroundTasksRunner: ["{8cd92fce-1ec3-470a-ad09-c0de9d98497e}"],
  // A lock, that no two processes remove the same directory.
  nsICachePurgeLock: ["{8abb21e3-c6a0-4b4d-9333-cc0d72f2c23b}"],
  // Phases of the shutdown as clients of their barriers.
  nsIAsyncShutdownService: ["{db365c78-c860-4e64-9a63-25b73f89a016}"],
  // Where blockers are added.
  nsIAsyncShutdownClient: ["{d2031049-b990-43a2-95be-59f8a3ca5954}"],
  // What clients add blockers to.
  nsIAsyncShutdownBarrier: ["{50fa8a86-9c91-4256-8389-17d310adec90}"],
  // Something that must be done before a phase of the shutdown.
  nsIAsyncShutdownBlocker: ["{4ef43f29-6715-4b57-a750-2ff83695ddce}"],
  // Categories and their entries.
  nsICategoryManager: ["{3275b2cd-af6d-429a-80d7-f0c5120342ac}"],
  // Makes objects of classes.
  nsIComponentManager: ["{d604ffc3-1ba3-4f6c-b65f-1ed4199364c3}"],
  // Makes objects of one class.
  nsIFactory: ["{1bb40a56-9223-41e6-97d4-da97bdeb6a4d}"],
  // Bytes to read.
  nsIInputStream: ["{53cdbc97-c2d7-4e30-b2c3-45b2ee79db18}"],
  // Where bytes are written.
  nsIOutputStream: ["{0d0acd2a-61b4-11d4-9877-00c04fa0cf4a}"],
  // Constants of loads.
  nsIChannel: ["{2c389865-23db-4aa7-9fe5-60cc7b00697e}", {
    ...REQUEST_FLAGS, LOAD_DOCUMENT_URI: 65536, LOAD_RETARGETED_DOCUMENT_URI: 131072,
    LOAD_REPLACE: 262144, LOAD_INITIAL_DOCUMENT_URI: 524288, LOAD_TARGETED: 1048576,
    LOAD_CALL_CONTENT_SNIFFERS: 2097152, LOAD_BYPASS_URL_CLASSIFIER: 4194304,
    LOAD_MEDIA_SNIFFER_OVERRIDES_CONTENT_TYPE: 8388608, LOAD_EXPLICIT_CREDENTIALS: 16777216,
    LOAD_BYPASS_SERVICE_WORKER: 33554432, DISPOSITION_INLINE: 0, DISPOSITION_ATTACHMENT: 1,
    DISPOSITION_FORCE_INLINE: 2,
  }],
  // Constants of loads.
  nsIRequest: ["{ef6bfbd2-fd46-48d8-96b7-9f8f0fd387fe}", REQUEST_FLAGS],
  // A process.
  nsIProcess: ["{609610de-9954-4a63-8a7c-346350a86403}"],
  // Runs classic scripts.
  mozIJSSubScriptLoader: ["{19533e7b-f321-4ef1-bc59-6e812dc2a733}"],
  // On whose behalf code runs: the system's.
  nsIPrincipal: ["{f75f502d-79fd-48be-a079-e5a7b8f80c8b}"],
  // Gives the system's principal.
  nsIScriptSecurityManager: ["{51daad87-3a0c-44cc-b620-7356801c9022}", {
    STANDARD: 0, LOAD_IS_AUTOMATIC_DOCUMENT_REPLACEMENT: 1, ALLOW_CHROME: 2, DISALLOW_INHERIT_PRINCIPAL: 4,
    DISALLOW_SCRIPT_OR_DATA: 4, DISALLOW_SCRIPT: 8, DONT_REPORT_ERRORS: 16, DEFAULT_USER_CONTEXT_ID: 0,
    DEFAULT_PRIVATE_BROWSING_ID: 0,
  }],
  // The profiles that profiles.ini has: read, made, changed, removed, written.
  nsIToolkitProfileService: ["{e3909911-5518-4bec-bbb1-37b54f36f162}", {
    hasSync: 1, quit: 0, createNewProfile: 1, exit: 0, launchWithProfile: 1, restart: 2,
  }],
  // A profile.
  nsIToolkitProfile: ["{7422b090-4a86-4407-972e-75468a625388}"],
  // Facts of the system.
  nsISystemInfo: ["{09a0502b-cedc-4cae-bf7c-35662dbd1249}"],
  // Values by their names.
  nsIPropertyBag: ["{bfcd37b0-a49f-11d5-910d-0010a4e73d9a}"],
  // Values by their names, of given types.
  nsIPropertyBag2: ["{625cfd1e-da1e-4417-9ee9-dbc8e0b3fd79}"],
  // Values by their names, to be changed.
  nsIWritablePropertyBag: ["{96fc4671-eeb4-4823-9421-e50fb70ad353}"],
  // Values by their names, of given types, to be changed.
  nsIWritablePropertyBag2: ["{9cfd1587-360e-4957-a58f-4c2b1c5e7ed9}"],
  // Gives objects of other interfaces.
  nsIInterfaceRequestor: ["{033a1470-8b2a-11d3-af88-00a024ffc08c}"],
  // A list of objects.
  nsIArray: ["{114744d9-c369-456e-b55a-52fe52880d2d}"],
  // A list of objects that can be changed.
  nsIMutableArray: ["{af059da0-c85b-40ec-af07-ae4bfdc192cc}"],
};

/** What stands for interface @name of Gecko: no object has it, and its constants are not known. */
export function makeMissingInterface(name) {
  const made = new Interface(name, name, {});
  Object.defineProperty(made, MISSING, { value: true });
  return Object.setPrototypeOf(made, missingNames("constant", [name], Interface.prototype));
}

function makeInterfaces() {
  const interfaces = Object.create(missingNames("interface"));
  for (const [name, [number, constants = {}]] of Object.entries(TABLE)) {
    Object.defineProperty(interfaces, name, {
      value: new Interface(name, number, constants),
      enumerable: true,
    });
  }
  Object.defineProperty(interfaces, Symbol.toStringTag, { value: "nsXPCComponents_Interfaces" });
  return Object.freeze(interfaces);
}

export const Ci = makeInterfaces();
