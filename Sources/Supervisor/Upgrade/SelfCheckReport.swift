// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import SharedMemory

/// What a release says of itself before it takes another one's place.
package struct SelfCheckReport: Hashable, Sendable {
    /// The release's version.
    package let version: String
    /// The layout of the memory that its workers share with the others.
    package let sharedMemoryLayout: Int64
    /// The version of ``Handover`` that it reads.
    package let handover: Int64
    /// How many workers the database has connections for; nil when that is not known.
    package var room: Int?

    package init(version: String, sharedMemoryLayout: Int64, handover: Int64, room: Int? = nil) {
        self.version = version
        self.sharedMemoryLayout = sharedMemoryLayout
        self.handover = handover
        self.room = room
    }

    /// What this release says.
    package static var ofThisRelease: SelfCheckReport {
        SelfCheckReport(
            version: Release.version,
            sharedMemoryLayout: Int64(SharedMemory.layoutVersion),
            handover: Handover.version
        )
    }

    /// The last line of a program's output that is a report; nil when there is none.
    package init?(output: [UInt8]) {
        for line in output.split(separator: UInt8(ascii: "\n")).reversed() {
            guard
                let json = try? JSONValue(parsing: line), let version = json["version"]?.string,
                let layout = json["shared_memory_layout"]?.integer, let handover = json["handover"]?.integer
            else { continue }
            self.init(
                version: version,
                sharedMemoryLayout: layout,
                handover: handover,
                room: json["room"]?.integer.flatMap { Int(exactly: $0) }
            )
            return
        }
        return nil
    }

    /// The report as one line of JSON.
    package var json: String {
        var writer = JSONWriter()
        writer.object { json in
            json.member("version", version)
            json.member("shared_memory_layout", sharedMemoryLayout)
            json.member("handover", handover)
            if let room { json.member("room", Int64(room)) }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Why a release that says `other` cannot take this one's place; nil when it can.
    package func refusal(of other: SelfCheckReport) -> String? {
        guard other.sharedMemoryLayout == sharedMemoryLayout, other.handover == handover else {
            return "release \(other.version) shares other things with its workers; it needs a restart"
        }
        return nil
    }
}
