// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The words of the session escrow: what it stores, tells and refuses.
interface ISessionEscrow {
    /// @dev `Disputed`: the buyer has asked to close and the seller's period runs. `Pending` is for servers that know of
    /// a session before the chain does; no view here returns it.
    enum Status {
        Active,
        Completed,
        Expired,
        Disputed,
        Pending
    }

    struct Session {
        address buyer;
        uint96 totalDeposit;
        address seller;
        uint96 pricePerUnit;
        uint96 unitsUsed;
        uint64 expiresAt;
        /// From then on anybody may close (seconds, Unix time).
        uint64 closableAt;
        bool closeRequested;
        bool closed;
        address token;
    }

    /// What a buyer agrees to. For a deposit by authorization the EIP-712 hash of this struct is the nonce that he signs.
    struct SessionTerms {
        address seller;
        address token;
        /// Below 2^96, which is 79,000 million of a token with 18 decimals.
        uint256 totalDeposit;
        /// The deposit pays for fewer than 2^48 units.
        uint256 pricePerUnit;
        /// Seconds from the block that creates the session.
        uint256 duration;
        /// Any number that makes the terms unique among the buyer's sessions.
        bytes32 salt;
    }

    /// An EIP-3009 `ReceiveWithAuthorization` of `from` to the escrow; the rest of it follows from the terms.
    struct Authorization {
        address from;
        uint256 validAfter;
        uint256 validBefore;
        bytes signature;
    }

    event SessionCreated(
        bytes32 indexed sessionId,
        address indexed buyer,
        address indexed seller,
        address token,
        uint256 totalDeposit,
        uint256 pricePerUnit,
        uint256 expiresAt
    );
    /// `units` were added by this call; `unitsUsed` is the total after it.
    event UnitsConsumed(bytes32 indexed sessionId, bytes32 indexed nonce, uint256 units, uint256 unitsUsed);
    event CloseRequested(bytes32 indexed sessionId, uint256 closableAt);
    event SessionClosed(bytes32 indexed sessionId, uint256 sellerAmount, uint256 buyerRefund);
    event PaymentDeferred(address indexed token, address indexed account, uint256 amount);
    event Withdrawn(address indexed token, address indexed account, uint256 amount);

    error BadTerms();
    error SessionExists(bytes32 sessionId);
    error UnknownSession(bytes32 sessionId);
    error AlreadyClosed(bytes32 sessionId);
    error WrongAmountReceived(uint256 expected, uint256 received);
    error BadSignature();
    error AlreadyConsumed(uint256 unitsUsed);
    error ExceedsDeposit(uint256 maxUnits);
    error WrongConsumedAmount(uint256 consumedAmount);
    error ExceedsSigned(uint256 units);
    error NotBuyer();
    error NotSeller();
    error NotClosableYet(uint256 closableAt);
    error NothingOwed();
    error Reentered();
}
