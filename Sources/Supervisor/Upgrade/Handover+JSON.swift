// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// The form in which one release reads what another has written: JSON, to be changed with care.
extension Handover {
    /// The document.
    package var encoded: [UInt8] {
        var writer = JSONWriter(reservingCapacity: 4096)
        writer.value(json)
        return writer.bytes
    }

    /// Nil when it is no document of this version.
    package init?(encoded: [UInt8]) {
        guard
            let json = try? JSONValue(parsing: encoded), json["handover"]?.integer == Self.version,
            let settings = json["settings"].flatMap({ SupervisorSettings(json: $0) }),
            let program = json["program"]?.string,
            let listener = json["listener"].flatMap({ ListeningSocket(json: $0) }),
            let sharedMemory = json["shared_memory"]?.descriptor,
            let table = json["table"].flatMap({ WorkerTable.Snapshot(json: $0) }),
            let controls = json["controls"]?.array
        else { return nil }
        self.settings = settings
        self.installedProgram = program
        self.listener = listener
        self.sharedMemory = sharedMemory
        self.table = table
        self.logDescriptor = json["log"]?.descriptor
        self.configurationFile = json["configuration_file"]?.descriptor
        self.program = json["program_file"]?.descriptor
        self.controls = [:]
        if let admin = json["admin_listener"], admin != .null {
            guard let admin = ListeningSocket(json: admin) else { return nil }
            self.adminListener = admin
        }
        for control in controls {
            guard let slot = control["slot"]?.integer, let descriptor = control["descriptor"]?.descriptor else {
                return nil
            }
            self.controls[Int(slot)] = descriptor
        }
    }

    private var json: JSONValue {
        .object([
            "handover": .integer(Self.version),
            "settings": settings.json,
            "program": .string(installedProgram),
            "listener": listener.json,
            "admin_listener": adminListener?.json ?? .null,
            "shared_memory": .integer(Int64(sharedMemory)),
            "log": .integerOrNull(logDescriptor),
            "configuration_file": .integerOrNull(configurationFile),
            "program_file": .integerOrNull(program),
            "table": table.json,
            "controls": .array(
                controls.sorted { $0.key < $1.key }
                    .map { ["slot": .integer(Int64($0.key)), "descriptor": .integer(Int64($0.value))] }
            ),
        ])
    }
}

extension ListeningSocket {
    fileprivate var json: JSONValue {
        .object([
            "address": .string("\(address)"),
            "descriptor": .integer(Int64(descriptor)),
            "activated": .bool(isActivated),
            "device": .integerOrNull(file.map { Int64(bitPattern: $0.device) }),
            "inode": .integerOrNull(file.map { Int64(bitPattern: $0.inode) }),
        ])
    }

    fileprivate init?(json: JSONValue) {
        guard
            let address = json["address"]?.string.flatMap({ ListenAddress($0) }),
            let descriptor = json["descriptor"]?.descriptor, let isActivated = json["activated"]?.bool
        else { return nil }
        var file: FileIdentity?
        if let device = json["device"]?.integer, let inode = json["inode"]?.integer {
            file = FileIdentity(
                device: UInt64(bitPattern: device),
                inode: UInt64(bitPattern: inode),
                isSocket: true
            )
        }
        self.init(descriptor: descriptor, address: address, isActivated: isActivated, file: file)
    }
}
