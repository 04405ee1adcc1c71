// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import CCurl
import Core

/// The loop of the transfer thread: it alone touches the multi handle and the easy handles, from their making to their
/// end, as libcurl's thread-safety page asks.
struct TransferLoop: ~Copyable {
    private let configuration: HTTPClientConfiguration
    private let mailbox: TransferMailbox
    private let multi: UnsafeMutableRawPointer
    private var queue: TransferQueue
    private var transfers: [UnsafeMutableRawPointer: Transfer] = [:]

    /// Runs until the mailbox says stop; every request is answered by then.
    static func run(_ configuration: HTTPClientConfiguration, _ mailbox: TransferMailbox) {
        if curlIsReady, let multi = curl_multi_init() {
            var loop = TransferLoop(configuration, mailbox, multi)
            loop.run()
        } else {
            for submission in mailbox.close().submissions { submission.fail(.unavailable) }
        }
    }

    private init(
        _ configuration: HTTPClientConfiguration,
        _ mailbox: TransferMailbox,
        _ multi: UnsafeMutableRawPointer
    ) {
        self.configuration = configuration
        self.mailbox = mailbox
        self.multi = multi
        self.queue = TransferQueue(
            connectionsPerOrigin: configuration.connectionsPerOrigin,
            waitingLimit: configuration.waitingLimit
        )
    }

    private mutating func run() {
        mailbox.open(multi)
        var isStopping = false
        while !isStopping {
            let content = mailbox.take()
            for submission in content.submissions { begin(submission) }
            for id in content.cancellations { cancel(id) }
            isStopping = content.isStopping || !work()
        }
        end()
    }

    /// Lets libcurl work, and sleeps until a socket, a timer or the mailbox wants it; false when libcurl is broken.
    private mutating func work() -> Bool {
        var count: Int32 = 0
        guard curl_multi_perform(multi, &count) == CURLM_OK else { return false }
        finishTransfers()
        startTransfers()
        // libcurl wakes by itself for its timers.
        return curl_multi_poll(multi, nil, 0, .max, nil) == CURLM_OK
    }

    private mutating func begin(_ submission: Submission) {
        guard queue.enqueue(submission) else { return submission.fail(.unavailable) }
        startTransfers()
    }

    private mutating func startTransfers() {
        while let submission = queue.next() {
            if submission.deadline <= .now() {
                // No timer is needed for this: all have the same time, so those in front of it have had theirs.
                queue.finish(submission)
                submission.fail(.timeout)
            } else if let transfer = try? Transfer(submission, configuration),
                curl_multi_add_handle(multi, transfer.handle.pointer) == CURLM_OK
            {
                transfers[transfer.handle.pointer] = transfer
            } else {
                queue.finish(submission)
                submission.fail(.unavailable)
            }
        }
    }

    private mutating func finishTransfers() {
        var remaining: Int32 = 0
        while let message = curl_multi_info_read(multi, &remaining) {
            // Both are read first: removing the handle frees the message.
            let result = message.pointee.data.result
            guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
                let transfer = remove(handle)
            else { continue }
            transfer.finish(result)
        }
    }

    private mutating func remove(_ handle: UnsafeMutableRawPointer) -> Transfer? {
        guard let transfer = transfers.removeValue(forKey: handle) else { return nil }
        curl_multi_remove_handle(multi, handle)
        queue.finish(transfer.submission)
        return transfer
    }

    private mutating func cancel(_ id: UInt64) {
        for submission in queue.remove(where: { $0.id == id }) { submission.fail(.cancelled) }
        if let handle = transfers.first(where: { $0.value.submission.id == id })?.key {
            remove(handle)?.submission.fail(.cancelled)
        }
    }

    private mutating func end() {
        let left = mailbox.close().submissions + queue.remove { _ in true }
        for submission in left { submission.fail(.unavailable) }
        for handle in Array(transfers.keys) { remove(handle)?.submission.fail(.unavailable) }
        curl_multi_cleanup(multi)
    }

    /// libcurl's global state, made by the first loop of the process and never undone.
    private static let curlIsReady = CCurl_global_init() == CURLE_OK
}
