// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Glibc
import Logging
import Supervisor
import Testing

struct HandoverTests {
    private static let settings = SupervisorSettings(
        listen: .tcp(host: "127.0.0.1", port: 0),
        adminListen: .unix(path: "/run/postern/admin"),
        workers: 3,
        maximumWorkers: 6,
        shutdownDelay: .seconds(5),
        workerMaximumAge: .seconds(3600),
        workerMaximumMemory: nil,
        logging: LoggingConfiguration(level: .debug, format: .json, file: "/var/log/postern.log")
    )

    private static func handover() -> Handover {
        Handover(
            settings: settings,
            installedProgram: "/opt/a \"b\"/postern",
            listener: ListeningSocket(descriptor: 100, address: .tcp(host: "::1", port: 8080), isActivated: true),
            adminListener: ListeningSocket(
                descriptor: 101,
                address: .unix(path: "/run/postern/admin"),
                file: FileIdentity(device: 7, inode: .max, isSocket: true)
            ),
            sharedMemory: 102,
            logDescriptor: 103,
            configurationFile: 106,
            table: WorkerTable.Snapshot(
                target: 3,
                capacity: 7,
                room: 5,
                generation: 4,
                isReloadPending: true,
                workers: [
                    .init(
                        slot: 0,
                        pid: 10,
                        generation: 4,
                        readyAt: MonotonicTime(nanoseconds: 12_345_678_901),
                        isRetiring: false
                    ),
                    .init(slot: 5, pid: 11, generation: 3, readyAt: nil, isRetiring: true),
                ]
            ),
            controls: [0: 104, 5: 105]
        )
    }

    @Test func handover_isReadAsItWasWritten() {
        #expect(Handover(encoded: Self.handover().encoded) == Self.handover())
    }

    @Test func handover_withoutWhatIsOptional_isReadAsItWasWritten() {
        var handover = Self.handover()
        handover.settings.adminListen = nil
        handover.settings.workerMaximumAge = nil
        handover.settings.workerMaximumMemory = 1 << 40
        handover.settings.logging = LoggingConfiguration(level: .info, format: .text, file: nil)
        handover.adminListener = nil
        handover.logDescriptor = nil
        #expect(Handover(encoded: handover.encoded) == handover)
        #expect(handover.logFile == nil)
    }

    @Test func handover_namesEveryDescriptorThatStaysOpen() {
        #expect(Set(Self.handover().descriptors) == [100, 101, 102, 103, 104, 105, 106])
    }

    @Test(arguments: ["", "{}", "[]", #"{"handover":1}"#])
    func handover_ofSomethingElse_isNotRead(text: String) {
        #expect(Handover(encoded: Array(text.utf8)) == nil)
    }

    @Test(arguments: [
        (#""handover":1"#, #""handover":2"#), (#""pid":11"#, #""pid":"11""#),
        (#""descriptor":100"#, #""descriptor":-1"#),
        (#""capacity":7"#, #""capacity":3"#), (#""log_level":"debug""#, #""log_level":"loud""#),
    ])
    func handover_thatIsNotUnderstood_isNotRead(part: String, replacement: String) {
        let text = String(decoding: Self.handover().encoded, as: UTF8.self)
        #expect(text.contains(part))
        #expect(Handover(encoded: Array(text.replacing(part, with: replacement).utf8)) == nil)
    }

    @Test func take_readsWhatWasWrittenAndKeepsTheDescriptorsToItself() throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let memory = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer {
            close(listener)
            close(memory)
        }
        var handover = Self.handover()
        handover.listener = ListeningSocket(descriptor: listener, address: .tcp(host: "127.0.0.1", port: 1))
        handover.adminListener = nil
        handover.sharedMemory = memory
        handover.logDescriptor = nil
        handover.configurationFile = nil
        handover.controls = [:]

        let file = try handover.write()
        #expect(try Handover.take(from: file) == handover)
        #expect(fcntl(listener, F_GETFD) == FD_CLOEXEC)
        #expect(fcntl(memory, F_GETFD) == FD_CLOEXEC)
    }

    @Test func execute_ofWhatIsNoProgram_throwsAndChangesNothing() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var handover = Self.handover()
        handover.listener = ListeningSocket(descriptor: descriptor, address: .tcp(host: "127.0.0.1", port: 1))
        handover.adminListener = nil
        handover.sharedMemory = descriptor
        handover.logDescriptor = nil
        handover.configurationFile = nil
        handover.controls = [:]
        let program = try PinnedProgram(path: "/etc/hostname")

        let error = #expect(throws: SystemCallError.self) { try handover.execute(program) { _ in ["postern"] } }

        #expect(error?.call == "execve")
        #expect(fcntl(descriptor, F_GETFD) == FD_CLOEXEC)
    }
}
