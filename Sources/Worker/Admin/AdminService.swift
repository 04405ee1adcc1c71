// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import Logging
import NIOCore
import SharedMemory

/// Serves operators on the admin listener, as the API's clients are served on the public one.
struct AdminService: Sendable {
    private static let maximumConnections = 16
    private static let handlerLimit = Duration.seconds(5)
    /// How long answers on their way may take when the worker ends; it has answered everyone else by then.
    private static let stopDeadline = Duration.milliseconds(250)

    private let service: HTTPService
    private let logger: Logger

    init(_ memory: SharedMemory, loop: any NIOCore.EventLoop, logger: Logger) {
        var logger = logger
        logger[metadataKey: "listener"] = "admin"
        self.logger = logger
        service = HTTPService(
            listener: InheritedDescriptor.adminListener,
            responder: AdminResponder(memory: memory, listener: ListeningDescriptor(InheritedDescriptor.listener)),
            maximumConnections: Self.maximumConnections,
            handlerLimit: Self.handlerLimit,
            loop: loop,
            logger: logger
        )
    }

    /// Answers from now on; that the listener is lost is no reason for a worker to end.
    ///
    /// - Throws: ``SystemCallError``.
    func start() throws(SystemCallError) {
        try service.start { [logger] error in logger.error("admin listener lost", error: error) }
    }

    /// Gives the address up at once; connections are served on.
    func releaseAddress() {
        service.releaseAddress()
    }

    /// Stops answering.
    func stop() async {
        await service.drain(deadline: Self.stopDeadline)
    }
}
