// SPDX-License-Identifier: MPL-2.0
// What is neither in Preload.sys.mjs nor behind a global of its own: for the cache of compiled code alone, so that it need
// not be compiled by the run that wants it. Without the indexes of encodings, which are text that takes long to copy and
// is quickly compiled.

import "resource://gre/modules/AsyncShutdown.sys.mjs";
import "resource://gre/modules/BackgroundTasksUtils.sys.mjs";
import "resource://gre/modules/Subprocess.sys.mjs";
import "resource://gre/modules/TaskScheduler.sys.mjs";
import "resource://gre/modules/TelemetrySend.sys.mjs";
import "resource://gre/modules/UpdateChecker.sys.mjs";
import "resource://gre/modules/UpdateList.sys.mjs";
import "resource://gre/modules/UpdateState.sys.mjs";
import "resource://gre/modules/UpdateUtils.sys.mjs";
import "resource://gre/modules/bgtask/AsyncShutdownService.sys.mjs";
import "resource://gre/modules/bgtask/BackgroundTasksRunner.sys.mjs";
import "resource://gre/modules/bgtask/CachePurgeLock.sys.mjs";
import "resource://gre/modules/bgtask/CategoryManager.sys.mjs";
import "resource://gre/modules/bgtask/ComponentManager.sys.mjs";
import "resource://gre/modules/bgtask/ComponentStartup.sys.mjs";
import "resource://gre/modules/bgtask/DomParser.sys.mjs";
import "resource://gre/modules/bgtask/DomSelectors.sys.mjs";
import "resource://gre/modules/bgtask/DomSerializer.sys.mjs";
import "resource://gre/modules/bgtask/Encodings.sys.mjs";
import "resource://gre/modules/bgtask/IniFile.sys.mjs";
import "resource://gre/modules/bgtask/Locale.sys.mjs";
import "resource://gre/modules/bgtask/Manifest.sys.mjs";
import "resource://gre/modules/bgtask/Missing.sys.mjs";
import "resource://gre/modules/bgtask/NetUtil.sys.mjs";
import "resource://gre/modules/bgtask/ObjectUrls.sys.mjs";
import "resource://gre/modules/bgtask/PrefsParser.sys.mjs";
import "resource://gre/modules/bgtask/ProfileFiles.sys.mjs";
import "resource://gre/modules/bgtask/ProfileService.sys.mjs";
import "resource://gre/modules/bgtask/Protocols.sys.mjs";
import "resource://gre/modules/bgtask/Shutdown.sys.mjs";
import "resource://gre/modules/bgtask/StaticComponents.sys.mjs";
import "resource://gre/modules/bgtask/StreamSource.sys.mjs";
import "resource://gre/modules/bgtask/Supports.sys.mjs";
import "resource://gre/modules/bgtask/SysInfo.sys.mjs";
import "resource://gre/modules/bgtask/UpdateSyncManager.sys.mjs";
import "resource://gre/modules/bgtask/Xml.sys.mjs";
